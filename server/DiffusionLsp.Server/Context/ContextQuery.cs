using System.Collections.Immutable;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Context;

/// <summary>What is being completed, and what sources may use. Immutable.</summary>
internal sealed record ContextQuery
{
    /// <summary>The document being completed, at the time of the query.</summary>
    public required TextDocument Document { get; init; }

    /// <summary>Its file.</summary>
    public required WorkspaceFile File { get; init; }

    /// <summary>The cursor's line, from 0.</summary>
    public required int Line { get; init; }

    /// <summary>All open documents by URI.</summary>
    public required ImmutableDictionary<string, TextDocument> Open { get; init; }

    /// <summary>URIs of the workspace folders.</summary>
    public required ImmutableArray<string> Roots { get; init; }

    /// <summary>Recent changes of documents, newest first.</summary>
    public required IReadOnlyList<RecentEdit> Edits { get; init; }

    public required ServerSettings Settings { get; init; }

    public required FileExclusions Exclusions { get; init; }

    /// <summary>Cancelled when this selection's time is up.</summary>
    public required CancellationToken Deadline { get; init; }

    /// <summary>The file of an open document, if its text may be shown to the model while another file is completed.</summary>
    public WorkspaceFile? Visible(TextDocument other) =>
        other.Uri != Document.Uri && WorkspaceFile.From(other.Uri, Roots) is { } file && Exclusions.MayLeave(file, Settings) ? file : null;
}

/// <summary>A place where a document was changed.</summary>
/// <param name="Uri">The document.</param>
/// <param name="Line">First changed line, from 0.</param>
/// <param name="Lines">Number of lines of the new text there.</param>
internal sealed record RecentEdit(string Uri, int Line, int Lines);
