using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Native;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>Turns an exception into the one sentence that a user sees. Details belong in the log.</summary>
internal static class FailureText
{
    public static string Sentence(Exception exception) => exception switch
    {
        EngineException or NativeBackendException => exception.Message,
        _ => $"Unexpected failure ({OneLine(exception.Message)}); the log in {CacheFolders.Logs} has the details.",
    };

    /// <summary>One line for what its message explains, and for a mistake in this program all that there is.</summary>
    public static void Log(ILogger log, Exception exception, string what)
    {
        if (exception is EngineException or NativeBackendException) log.Error("{What:l}: {Problem:l}", what, OneLine(exception.Message));
        else log.Error(exception, "{What:l}", what);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
