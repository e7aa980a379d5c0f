using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>Compares a model's need, and this process's use, with the setting <c>memoryLimitMegabytes</c>.</summary>
internal static class MemoryCeiling
{
    private const long Megabyte = 1 << 20;

    /// <summary>Why a model cannot be loaded, as one sentence; null: it may fit.</summary>
    /// <param name="limit">Bytes; null: no limit.</param>
    public static string? RefuseToLoad(EngineOptions options, long? limit)
    {
        if (limit is null || options.ModelFolder is not { } folder || !Directory.Exists(folder)) return null;
        long weights = new DirectoryInfo(folder).EnumerateFiles("*.safetensors").Sum(file => file.Length);
        return weights <= limit ? null : $"The model's files take up {weights / Megabyte} MB, but the setting diffusionLsp.memoryLimitMegabytes is {limit / Megabyte}; raise it, or set diffusionLsp.modelPath to a smaller model.";
    }

    /// <summary>Why the loaded model must be unloaded, as one sentence; null: the process is below the limit.</summary>
    public static string? RefuseToKeep(long? limit)
    {
        if (limit is null) return null;
        long used = Environment.WorkingSet;
        return used <= limit ? null : $"The server used {used / Megabyte} MB, but the setting diffusionLsp.memoryLimitMegabytes is {limit / Megabyte}, so the model was unloaded; raise it, or set diffusionLsp.modelPath to a smaller model.";
    }
}
