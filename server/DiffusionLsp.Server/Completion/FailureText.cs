using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Server.Remote;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>Turns an exception into the one sentence that a user sees. Details belong in the log.</summary>
internal static class FailureText
{
    /// <param name="logs">Where the log is; null: in its folder.</param>
    public static string Sentence(Exception exception, string? logs = null) => exception switch
    {
        EngineException or NativeBackendException or RemoteException => exception.Message,
        IOException or UnauthorizedAccessException => $"A file could not be used ({OneLine(exception.Message)}); check that it is there and may be used, and that its disk has room.",
        _ => $"Unexpected failure ({OneLine(exception.Message)}); {Log(logs ?? CacheFolders.Logs)}.",
    };

    /// <summary>One line for what its message explains, and for a mistake in this program all that there is.</summary>
    public static void Log(ILogger log, Exception exception, string what)
    {
        if (exception is EngineException or NativeBackendException or RemoteException) log.Error("{What:l}: {Problem:l}", what, OneLine(exception.Message));
        else log.Error(exception, "{What:l}", what);
    }

    /// <summary>A folder that cannot be written holds no details.</summary>
    private static string Log(string folder) => WritableFolder.Problem(folder) is { } problem
        ? $"there is no log of it, because {folder} cannot be written ({problem})"
        : $"the log in {folder} has the details";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
