using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>Compares what a model needs, and what this process has, with the setting <c>memoryLimitMegabytes</c>.</summary>
internal static class MemoryCeiling
{
    private const long Megabyte = 1 << 20;

    /// <summary>Why a model is not worth loading, as one sentence; null when it may fit.</summary>
    /// <param name="limit">Bytes; null: no limit.</param>
    public static string? RefuseToLoad(EngineOptions options, long? limit)
    {
        if (limit is null || options.ModelFolder is not { } folder || !Directory.Exists(folder)) return null;
        long weights = new DirectoryInfo(folder).EnumerateFiles("*.safetensors").Sum(file => file.Length);
        return weights <= limit ? null : $"The model's files have {weights / Megabyte} MB and memoryLimitMegabytes is {limit / Megabyte}; raise it, or name a smaller model in modelPath.";
    }

    /// <summary>Why the model that is loaded must go, as one sentence; null while the process is below the limit.</summary>
    public static string? RefuseToKeep(long? limit)
    {
        if (limit is null) return null;
        long used = Environment.WorkingSet;
        return used <= limit ? null : $"The server used {used / Megabyte} MB and memoryLimitMegabytes is {limit / Megabyte}, so the model was unloaded; raise it, or name a smaller model in modelPath.";
    }
}
