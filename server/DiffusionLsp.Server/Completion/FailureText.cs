using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Server.Completion;

/// <summary>Turns an exception into the one sentence that a user sees. Details belong in the log.</summary>
internal static class FailureText
{
    public static string Sentence(Exception exception) => exception switch
    {
        EngineException or NativeBackendException => exception.Message,
        _ => $"Unexpected failure ({OneLine(exception.Message)}); the log in {CacheFolders.Logs} has the details.",
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
