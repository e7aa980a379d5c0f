using System.Collections.Immutable;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context.Workspace;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using Serilog;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// Adds snippets of other files to a request, from an earlier selection, so without waiting. Selection runs in the background
/// while there are no requests, so that the beginning of the prompt does not change between two keys. Also determines which
/// files are excluded. It keeps everything in memory and writes nothing.
/// </summary>
internal sealed class ContextService : IDisposable
{
    /// <summary>Time without requests before a new selection is made.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private const int SamePlace = 30; // lines that the cursor may move before a selection is out of date
    private static readonly TimeSpan MostTime = TimeSpan.FromMilliseconds(250);

    private readonly DocumentStore documents;
    private readonly Func<ModelSummary?> model;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly FileExclusions exclusions;
    private readonly WorkspaceCache workspace;
    private readonly ITimer timer;
    private readonly ContextSelector selector = new(ContextSources.All);
    private readonly EditHistory history = new();
    private readonly Lock gate = new();
    private Wish? latest;
    private bool selecting;
    private volatile ImmutableDictionary<string, Selection> selections = ImmutableDictionary<string, Selection>.Empty;

    /// <param name="model">The loaded model; large models make good use of other files' text, small ones do not.</param>
    /// <param name="indexBuilder">Builds an n-gram index for the loaded model; null: none is loaded, or it does not use one.</param>
    public ContextService(DocumentStore documents, Func<ModelSummary?> model, Func<WorkspaceIndex.Builder?> indexBuilder, TimeProvider time, ILogger log)
    {
        (this.documents, this.model, this.time, this.log) = (documents, model, time, log);
        exclusions = new FileExclusions(time);
        exclusions.Changed += () => ExclusionsChanged?.Invoke();
        workspace = new WorkspaceCache(documents, exclusions, indexBuilder, time, log);
        timer = time.CreateTimer(_ => SelectLatest(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc cref="FileExclusions.Changed"/>
    public event Action? ExclusionsChanged;

    /// <summary>The request with its context, or with the reason why its file is excluded, or with the lookup of that reason.</summary>
    public CompletionRequest Prepare(CompletionRequest request, ImmutableArray<string> roots)
    {
        if (WorkspaceFile.From(request.Document.Uri, roots) is not { } file) return request;
        if (exclusions.NameReason(file, request.Settings) is { } reason) return request with { Exclusion = reason };
        Task<string?> lookup = exclusions.IgnoreReasonAsync(file);
        request = lookup.IsCompleted ? request with { Exclusion = lookup.Result } : request with { ExclusionLookup = lookup };
        if (request.Settings.Remote.IsOn) request = request with { LeaveLookup = MayLeaveAsync(file) };
        if (request.Exclusion is not null || file.Root is null || !file.IsOnDisk) return request;
        request = request with { Workspace = workspace.Of(file, roots, request.Settings) };
        if (!IsOn(request.Settings)) return request;
        // Snippets selected under other settings may come from files that these exclude.
        Selection? selection = selections.GetValueOrDefault(request.Document.Uri) is { } known && ReferenceEquals(known.Settings, request.Settings) && known.Roots == roots ? known : null;
        lock (gate)
        {
            latest = new Wish(request.Document, file, request.Document.Lines.Place(request.Offset).Line, roots, request.Settings);
            timer.Change(selection is null ? TimeSpan.Zero : Pause, Timeout.InfiniteTimeSpan);
        }
        return selection is null ? request : request with { Related = selection.Texts, Repository = Path.GetFileName(Path.TrimEndingDirectorySeparator(file.Root)) };
    }

    /// <summary>Why a document's file is excluded, as one sentence; null: it is not.</summary>
    public async Task<string?> ExclusionAsync(TextDocument document, ServerSettings settings, ImmutableArray<string> roots) =>
        WorkspaceFile.From(document.Uri, roots) is { } file ? exclusions.NameReason(file, settings) ?? await exclusions.IgnoreReasonAsync(file).ConfigureAwait(false) : null;

    /// <summary>Handles a document that was opened, changed or closed: looks up in advance whether it is excluded, and records deleted text.</summary>
    public void Follow(DocumentChange change, ImmutableArray<string> roots)
    {
        if (change is { Before: null, After: { } opened } && WorkspaceFile.From(opened.Uri, roots) is { } file) _ = exclusions.IgnoreReasonAsync(file);
        workspace.Note(change);
    }

    public void Dispose()
    {
        timer.Dispose();
        workspace.Dispose();
    }

    private async Task<bool> MayLeaveAsync(WorkspaceFile file) => !await exclusions.IsIgnoredByGitAsync(file).ConfigureAwait(false);

    /// <summary>The embedded model was trained on single files and does not benefit from other files' text (docs/lab).</summary>
    private bool IsOn(ServerSettings settings) => settings.CrossFileTokens > 0 && settings.Context switch
    {
        Tristate.Always => true,
        Tristate.Never => false,
        _ => model() is { ReadsOtherFiles: true },
    };

    private void SelectLatest()
    {
        Wish wish;
        lock (gate)
        {
            if (selecting || latest is null) return;
            (wish, latest, selecting) = (latest, null, true);
        }
        try
        {
            Select(wish);
        }
        catch (Exception e)
        {
            log.Error(e, "selecting context failed; completions continue without it");
        }
        lock (gate)
        {
            selecting = false;
            if (latest is not null) timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    private void Select(Wish wish)
    {
        string uri = wish.Document.Uri;
        var open = documents.Snapshot;
        history.Look(open);
        if (IsFresh(selections.GetValueOrDefault(uri), wish, open)) return;
        long start = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(MostTime, time);
        IReadOnlyList<ContextSnippet> snippets = selector.Select(new ContextQuery
        {
            Document = wish.Document, File = wish.File, Line = wish.Line, Open = open, Roots = wish.Roots,
            Edits = history.Edits, Settings = wish.Settings, Exclusions = exclusions, Deadline = deadline.Token,
        });
        ImmutableArray<RelatedText> texts = [.. snippets.Select(s => new RelatedText(s.Path, s.Text))];
        selections = selections.RemoveRange(selections.Keys.Where(known => !open.ContainsKey(known)))
            .SetItem(uri, new Selection(texts, [.. snippets.Select(s => s.File)], wish.Line, wish.Roots, wish.Settings, Others(wish, open)));
        log.Debug("context: {Count} snippets, {Milliseconds:0} ms", texts.Length, time.GetElapsedTime(start).TotalMilliseconds);
    }

    private bool IsFresh(Selection? selection, Wish wish, ImmutableDictionary<string, TextDocument> open) =>
        selection is not null && Math.Abs(selection.Line - wish.Line) <= SamePlace && ReferenceEquals(selection.Settings, wish.Settings)
        && selection.Roots == wish.Roots && selection.Others == Others(wish, open) && selection.Files.All(file => exclusions.MayLeave(file, wish.Settings));

    /// <summary>A number that changes when another document is opened, changed or closed.</summary>
    private static long Others(Wish wish, ImmutableDictionary<string, TextDocument> open) =>
        open.Values.Where(d => d.Uri != wish.Document.Uri).Sum(d => (long)HashCode.Combine(d.Uri, d.Version, d.Text.Length));

    /// <summary>What snippets are selected for.</summary>
    private sealed record Wish(TextDocument Document, WorkspaceFile File, int Line, ImmutableArray<string> Roots, ServerSettings Settings);

    /// <summary>A selection, and what it was made for.</summary>
    private sealed record Selection(ImmutableArray<RelatedText> Texts, ImmutableArray<WorkspaceFile> Files, int Line, ImmutableArray<string> Roots, ServerSettings Settings, long Others);
}
