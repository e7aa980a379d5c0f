using System.Collections.Immutable;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Context;

/// <summary>What is being completed, and what sources may look at. Immutable.</summary>
internal sealed record ContextQuery
{
    /// <summary>The document that is being completed, as it was when the query was made.</summary>
    public required TextDocument Document { get; init; }

    /// <summary>Its file.</summary>
    public required WorkspaceFile File { get; init; }

    /// <summary>The line that somebody works on, from 0.</summary>
    public required int Line { get; init; }

    /// <summary>All open documents by URI.</summary>
    public required ImmutableDictionary<string, TextDocument> Open { get; init; }

    /// <summary>URIs of the workspace's folders.</summary>
    public required ImmutableArray<string> Roots { get; init; }

    /// <summary>Where documents were changed lately, the newest first.</summary>
    public required IReadOnlyList<RecentEdit> Edits { get; init; }

    public required ServerSettings Settings { get; init; }

    public required FileExclusions Exclusions { get; init; }

    /// <summary>Cancelled when the time for this selection is over.</summary>
    public required CancellationToken Deadline { get; init; }

    /// <summary>The file of an open document, if its text may be shown to the model elsewhere.</summary>
    public WorkspaceFile? Visible(TextDocument other) =>
        other.Uri != Document.Uri && WorkspaceFile.From(other.Uri, Roots) is { } file && Exclusions.MayLeave(file, Settings) ? file : null;
}

/// <summary>Where a document was changed.</summary>
/// <param name="Uri">The document.</param>
/// <param name="Line">First changed line, from 0.</param>
/// <param name="Lines">How many lines the new text has there.</param>
internal sealed record RecentEdit(string Uri, int Line, int Lines);
