using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Remote;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>Turns an exception into one sentence for the user. Details go into the log.</summary>
internal static class FailureText
{
    /// <param name="logs">Folder of the log; null: the default one.</param>
    public static string Sentence(Exception exception, string? logs = null) => exception switch
    {
        EngineException or NativeBackendException or RemoteException => exception.Message,
        IOException or UnauthorizedAccessException => $"A file could not be used ({OneLine(exception.Message)}); check that it exists, that you have permission to use it, and that its disk has free space.",
        _ => $"Unexpected failure ({OneLine(exception.Message)}); {Log(logs ?? CacheFolders.Logs)}.",
    };

    /// <summary>Logs one line for expected errors, and the whole exception for a bug in this program.</summary>
    public static void Log(ILogger log, Exception exception, string what)
    {
        if (exception is EngineException or NativeBackendException or RemoteException) log.Error("{What:l}: {Problem:l}", what, OneLine(exception.Message));
        else log.Error(exception, "{What:l}", what);
    }

    /// <summary>Where the details are; none exist if the log cannot be written.</summary>
    private static string Log(string folder) => WritableFolder.Problem(folder) is { } problem
        ? $"there is no log, because {folder} cannot be written ({problem})"
        : $"see the log in {folder}";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
