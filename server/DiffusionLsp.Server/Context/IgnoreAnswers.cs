using System.Collections.Concurrent;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// Answers from memory which line of an ignore file ignores a document's file. Disks can be slow and the caller may be the
/// thread that reads messages, so disks are read on pool threads. An answer that is not known yet is a task.
/// </summary>
/// <param name="ask">Reads from disk the pattern that ignores a file under a root, or null; called on pool threads only.</param>
internal sealed class IgnoreAnswers(Func<string, string, IgnorePattern?> ask, TimeProvider time)
{
    private const int MostAnswers = 4_096;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(0.75); // older answers are refreshed before they expire

    private readonly ConcurrentDictionary<(string Root, string Path), Answer> answers = new();

    /// <summary>The pattern that ignores a file; null: none does. Complete at once if there is a recent answer.</summary>
    public Task<IgnorePattern?> FindAsync(string root, string path)
    {
        Answer? known = answers.GetValueOrDefault((root, path));
        if (known is null || time.GetElapsedTime(known.Asked) > Fresh) return known is { IsUnderWay: true } ? known.Pattern : Ask(root, path).Pattern;
        if (time.GetElapsedTime(known.Asked) > Young && known.MayBeRenewed()) _ = RenewAsync(root, path);
        return known.Pattern;
    }

    private async Task RenewAsync(string root, string path)
    {
        long asked = time.GetTimestamp();
        IgnorePattern? pattern = await Task.Run(() => ask(root, path)).ConfigureAwait(false);
        answers[(root, path)] = new Answer(Task.FromResult(pattern), asked);
    }

    private Answer Ask(string root, string path)
    {
        if (answers.Count >= MostAnswers) answers.Clear();
        return answers[(root, path)] = new Answer(Task.Run(() => ask(root, path)), time.GetTimestamp());
    }

    private sealed class Answer(Task<IgnorePattern?> pattern, long asked)
    {
        private int renewed;

        public Task<IgnorePattern?> Pattern => pattern;

        public long Asked => asked;

        public bool IsUnderWay => !pattern.IsCompleted;

        /// <summary>True for the first caller.</summary>
        public bool MayBeRenewed() => Interlocked.Exchange(ref renewed, 1) == 0;
    }
}
