using System.Collections.Immutable;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using Serilog;

namespace DiffusionLsp.Server.Context.Workspace;

/// <summary>
/// The workspace's files as an n-gram cache: looked through in the background, a few milliseconds at a time, nearest files first,
/// and looked at again while somebody types, so that edits, saves, deletions, renames and branches are followed without
/// a watcher. Files that may not leave themselves never get in; one that may no longer drops out with the next look, and what
/// was not looked at for <see cref="Valid"/> is not used. In memory only; nothing ticks while nobody asks.
/// </summary>
internal sealed class WorkspaceCache : IDisposable
{
    /// <summary>Most bytes of one file, and about as many characters of all.</summary>
    public const int MostBytes = 300_000, MostBytesInAll = 4_000_000;

    /// <summary>Between two looks, unless they take so long that they would take more than a fifth of the time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long after a look an index is used.</summary>
    public static readonly TimeSpan Valid = TimeSpan.FromSeconds(15);

    private const int MostIndexes = 2; // of pairs of root and family

    private readonly DocumentStore documents;
    private readonly FileExclusions exclusions;
    private readonly Func<WorkspaceIndex.Builder?> builders;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly DeletedTexts deleted;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private volatile ImmutableList<Snapshot> snapshots = []; // the latest first
    private bool looking, stale;

    /// <param name="builders">Makes an index for the model that is loaded; null: there is none, or it has no use for one.</param>
    public WorkspaceCache(DocumentStore documents, FileExclusions exclusions, Func<WorkspaceIndex.Builder?> builders, TimeProvider time, ILogger log)
    {
        (this.documents, this.exclusions, this.builders, this.time, this.log) = (documents, exclusions, builders, time, log);
        deleted = new DeletedTexts(time);
    }

    /// <summary>How long after the first request the first look begins: the first suggestion has the machine to itself.</summary>
    public TimeSpan AfterFirst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The look under way, or the last one. For tests.</summary>
    internal Task Looking { get; private set; } = Task.CompletedTask;

    /// <summary>What is known of other files than this one; null: nothing yet. Looks again in the background if it is time to.</summary>
    public WorkspaceIndex? Of(WorkspaceFile file, ImmutableArray<string> roots, ServerSettings settings)
    {
        bool isOn = settings is { Enabled: true, WorkspaceCache: true, Decode.NgramCache: true };
        if (!isOn || file is not { Root: { } root, IsOnDisk: true } || CodeFamilies.Of(file.Path) is not { } family)
        {
            if (!isOn) snapshots = [];
            return null;
        }
        var wish = new Wish(file, root, family, roots, settings);
        Snapshot? known = snapshots.Find(wish.Wants);
        lock (gate)
        {
            if (!looking && !stopping.IsCancellationRequested && (known is null || stale || time.GetElapsedTime(known.Looked) >= known.Rest))
            {
                (looking, stale) = (true, false);
                Looking = Task.Run(() => LookAsync(wish, known), stopping.Token);
            }
        }
        return known is null || time.GetElapsedTime(known.Looked) > Valid ? null : known.Index.Without(file.Path);
    }

    /// <summary>Takes note of what was deleted.</summary>
    public void Note(DocumentChange change)
    {
        if (!deleted.Note(change)) return;
        lock (gate) stale = true;
    }

    public void Dispose() => stopping.Cancel();

    private async Task LookAsync(Wish wish, Snapshot? known)
    {
        try
        {
            if (known is null && snapshots.IsEmpty) await Task.Delay(AfterFirst, stopping.Token).ConfigureAwait(false);
            long start = time.GetTimestamp();
            var pace = new Pace();
            if (builders() is not { } builder) return;
            if (known?.Index.IsFor(builder) is false) known = null;
            List<Entry> entries = await FilesAsync(wish, builder, known, pace).ConfigureAwait(false);
            bool isNew = known is null || !entries.SequenceEqual(known.Entries);
            if (isNew)
            {
                builder.Expect(entries.Sum(entry => (entry.Tokens?.Count ?? 0) + 1));
                foreach (Entry entry in Enumerable.Reverse(entries))
                {
                    if (entry.Tokens is { } tokens) builder.Add(entry.Path, tokens);
                    await pace.BreatheAsync(stopping.Token).ConfigureAwait(false);
                }
                known = new Snapshot(wish.Root, wish.Family, wish.Settings.Exclude, entries, builder.Build());
                log.Debug("workspace: {Files} files, {Tokens} tokens, {Milliseconds:0} ms", entries.Count, known.Index.Tokens, time.GetElapsedTime(start).TotalMilliseconds);
            }
            TimeSpan took = time.GetElapsedTime(start);
            snapshots = [known! with { Looked = time.GetTimestamp(), Rest = Interval > 4 * took ? Interval : 4 * took }, .. snapshots.Where(other => !wish.IsAbout(other)).Take(MostIndexes - 1)];
            // The index before is tens of megabytes that a collection in its own time would leave lying for long.
            if (isNew) GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
        catch (OperationCanceledException)
        {
            // the server ends
        }
        catch (Exception e)
        {
            log.Error(e, "looking through the workspace failed; completions go on without it");
        }
        finally
        {
            lock (gate) looking = false;
        }
    }

    /// <summary>What may be used: what was deleted lately, what is open, then the nearest files. Texts that did not change keep their tokens.</summary>
    private async Task<List<Entry>> FilesAsync(Wish wish, WorkspaceIndex.Builder builder, Snapshot? known, Pace pace)
    {
        Dictionary<string, Entry> before = known?.Entries.ToDictionary(e => e.Path) ?? [];
        var entries = new List<Entry>();
        int left = MostBytesInAll;
        foreach (Candidate candidate in Candidates(wish))
        {
            Entry? entry = before.GetValueOrDefault(candidate.Path) is { } old && (candidate.MayBeOld || old.Stamp.Equals(candidate.Stamp)) ? old
                : candidate.Read() is { } text ? new Entry(candidate.Path, candidate.Stamp, text.Length, CodeFamilies.LooksGenerated(text) ? null : builder.Tokenize(text))
                : null;
            await pace.BreatheAsync(stopping.Token).ConfigureAwait(false);
            if (entry is null) continue;
            entries.Add(entry);
            if (entry.Tokens is not null && (left -= entry.Length) <= 0) break;
        }
        return entries;
    }

    /// <summary>Lazily, each path once.</summary>
    private IEnumerable<Candidate> Candidates(Wish wish)
    {
        bool IsWanted(WorkspaceFile? file) => file is not null && file.Root == wish.Root && CodeFamilies.Of(file.Path)?.SequenceEqual(wish.Family) is true
            && !CodeFamilies.IsGenerated(file.Path) && exclusions.MayLeave(file, wish.Settings);
        foreach (DeletedText text in deleted.Recent)
            if (IsWanted(WorkspaceFile.From(text.Uri, wish.Roots))) yield return new Candidate(text.Name, text, () => text.Text);
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (TextDocument document in documents.Snapshot.Values.OrderBy(d => d.Uri, StringComparer.Ordinal))
            if (WorkspaceFile.From(document.Uri, wish.Roots) is { } file && open.Add(file.Path) && document.Text.Length <= MostBytes && IsWanted(file))
                // The document that is typed in is left out when it asks; for others it need not be the latest.
                yield return new Candidate(file.Path, document, () => document.Text) { MayBeOld = file.FullPath == wish.File.FullPath };
        foreach (WorkspaceFile file in NearestFiles.Of(wish.File, wish.Family, inside => exclusions.MayLeave(inside, wish.Settings)))
            if (!open.Contains(file.Path) && IsWanted(file) && FileTexts.Stamp(file, MostBytes) is { } stamp)
                yield return new Candidate(file.Path, stamp, () => FileTexts.Text(file, MostBytes));
    }

    /// <summary>A text that may be taken in.</summary>
    /// <param name="Stamp">Changes when the text does.</param>
    /// <param name="Read">Null: it is no text.</param>
    private sealed record Candidate(string Path, object Stamp, Func<string?> Read)
    {
        /// <summary>Whether an older text will do.</summary>
        public bool MayBeOld { get; init; }
    }

    /// <summary>For what an index is wanted.</summary>
    private sealed record Wish(WorkspaceFile File, string Root, IReadOnlyList<string> Family, ImmutableArray<string> Roots, ServerSettings Settings)
    {
        /// <summary>Whether an index is of the same files. Under other exclusions it may hold what these leave out.</summary>
        public bool Wants(Snapshot snapshot) => IsAbout(snapshot) && ReferenceEquals(snapshot.Exclude, Settings.Exclude);

        public bool IsAbout(Snapshot snapshot) => snapshot.Root == Root && snapshot.Family.SequenceEqual(Family);
    }

    /// <summary>A text that was taken in.</summary>
    /// <param name="Length">In characters.</param>
    /// <param name="Tokens">Null: it is generated and counts for nothing.</param>
    private sealed record Entry(string Path, object Stamp, int Length, TokenizedText? Tokens);

    /// <summary>What the last look found.</summary>
    /// <param name="Exclude">The setting under which it was made.</param>
    private sealed record Snapshot(string Root, IReadOnlyList<string> Family, FileList Exclude, IReadOnlyList<Entry> Entries, WorkspaceIndex Index)
    {
        /// <summary>When the look ended.</summary>
        public long Looked { get; init; }

        /// <summary>How long there is to be none.</summary>
        public TimeSpan Rest { get; init; }
    }
}
