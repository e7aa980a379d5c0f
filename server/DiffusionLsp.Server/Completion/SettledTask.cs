namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Waits for a task without rethrowing its cancellation or exception. Most keystrokes cancel something, and throwing an
/// exception in a process that has just been idle can take milliseconds.
/// </summary>
internal static class SettledTask
{
    /// <summary>Completes when the task ends; its status shows how it ended.</summary>
    public static System.Runtime.CompilerServices.ConfiguredTaskAwaitable Settled(this Task task) => task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
