using System.Collections.Immutable;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using Serilog;

namespace DiffusionLsp.Server.Context.Workspace;

/// <summary>
/// An n-gram cache over the workspace's files: scanned in the background, a few milliseconds at a time, nearest files first, and
/// scanned again while the user types, so that edits, saves, deletions, renames and branch switches are followed without a
/// watcher. Excluded files are never included; one that becomes excluded is dropped by the next scan, and an index that was not
/// refreshed for <see cref="Valid"/> is not used. In memory only; nothing runs while there are no requests.
/// </summary>
internal sealed class WorkspaceCache : IDisposable
{
    /// <summary>Maximum bytes per file, and roughly the maximum characters in total.</summary>
    public const int MostBytes = 300_000, MostBytesInAll = 4_000_000;

    /// <summary>Interval between scans, unless they would take more than a fifth of the time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>How long after a scan its index is used.</summary>
    public static readonly TimeSpan Valid = TimeSpan.FromSeconds(15);

    private const int MostIndexes = 2; // one for each pair of root and family

    private readonly DocumentStore documents;
    private readonly FileExclusions exclusions;
    private readonly Func<WorkspaceIndex.Builder?> builders;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly DeletedTexts deleted;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private volatile ImmutableList<Snapshot> snapshots = []; // latest first
    private bool looking, stale;

    /// <param name="builders">Builds an index for the loaded model; null: none is loaded, or it does not use one.</param>
    public WorkspaceCache(DocumentStore documents, FileExclusions exclusions, Func<WorkspaceIndex.Builder?> builders, TimeProvider time, ILogger log)
    {
        (this.documents, this.exclusions, this.builders, this.time, this.log) = (documents, exclusions, builders, time, log);
        deleted = new DeletedTexts(time);
    }

    /// <summary>Delay between the first request and the first scan: the first suggestion has the machine to itself.</summary>
    public TimeSpan AfterFirst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The running scan, or the last one. For tests.</summary>
    internal Task Looking { get; private set; } = Task.CompletedTask;

    /// <summary>The index of other files than this one; null: none yet. Starts a scan in the background if one is due.</summary>
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

    /// <summary>Records deleted text.</summary>
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
            // The previous index is tens of megabytes, which would otherwise stay until a later collection.
            if (isNew) GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
        catch (OperationCanceledException)
        {
            // the server is ending
        }
        catch (Exception e)
        {
            log.Error(e, "scanning the workspace failed; completions continue without it");
        }
        finally
        {
            lock (gate) looking = false;
        }
    }

    /// <summary>The usable texts: recently deleted ones, open documents, then the nearest files. Unchanged texts keep their tokens.</summary>
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
                // The document being typed in is left out of its own requests; in others' requests it need not be up to date.
                yield return new Candidate(file.Path, document, () => document.Text) { MayBeOld = file.FullPath == wish.File.FullPath };
        foreach (WorkspaceFile file in NearestFiles.Of(wish.File, wish.Family, inside => exclusions.MayLeave(inside, wish.Settings)))
            if (!open.Contains(file.Path) && IsWanted(file) && FileTexts.Stamp(file, MostBytes) is { } stamp)
                yield return new Candidate(file.Path, stamp, () => FileTexts.Text(file, MostBytes));
    }

    /// <summary>A text to include.</summary>
    /// <param name="Stamp">Changes when the text does.</param>
    /// <param name="Read">Null: it is not text.</param>
    private sealed record Candidate(string Path, object Stamp, Func<string?> Read)
    {
        /// <summary>Whether an older version of the text is good enough.</summary>
        public bool MayBeOld { get; init; }
    }

    /// <summary>What an index is requested for.</summary>
    private sealed record Wish(WorkspaceFile File, string Root, IReadOnlyList<string> Family, ImmutableArray<string> Roots, ServerSettings Settings)
    {
        /// <summary>Whether an index covers the same files. Under other exclusions it may contain files that these exclude.</summary>
        public bool Wants(Snapshot snapshot) => IsAbout(snapshot) && ReferenceEquals(snapshot.Exclude, Settings.Exclude);

        public bool IsAbout(Snapshot snapshot) => snapshot.Root == Root && snapshot.Family.SequenceEqual(Family);
    }

    /// <summary>A text that was included.</summary>
    /// <param name="Length">In characters.</param>
    /// <param name="Tokens">Null: it is generated and not used.</param>
    private sealed record Entry(string Path, object Stamp, int Length, TokenizedText? Tokens);

    /// <summary>The result of the last scan.</summary>
    /// <param name="Exclude">The setting in force at the time.</param>
    private sealed record Snapshot(string Root, IReadOnlyList<string> Family, FileList Exclude, IReadOnlyList<Entry> Entries, WorkspaceIndex Index)
    {
        /// <summary>When the scan ended.</summary>
        public long Looked { get; init; }

        /// <summary>Pause before the next scan.</summary>
        public TimeSpan Rest { get; init; }
    }
}
