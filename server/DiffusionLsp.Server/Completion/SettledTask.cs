namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Waits for a task without the exception of one that was cancelled or failed. Most keystrokes cancel something, and an
/// exception that has to find its way through a process that has just been idle takes up to milliseconds.
/// </summary>
internal static class SettledTask
{
    /// <summary>Awaits the end; how it ended is to be asked of the task.</summary>
    public static System.Runtime.CompilerServices.ConfiguredTaskAwaitable Settled(this Task task) => task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
