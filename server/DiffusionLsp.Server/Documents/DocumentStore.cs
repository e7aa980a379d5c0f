using System.Collections.Immutable;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Documents;

/// <summary>
/// The open documents by <see cref="DocumentUri"/>, however clients spell the URI: the only place where documents change. Only the
/// ordered dispatcher writes; readers use <see cref="Snapshot"/>. It knows no LSP types.
/// </summary>
internal sealed class DocumentStore(Listeners listeners)
{
    private volatile ImmutableDictionary<string, TextDocument> documents = ImmutableDictionary<string, TextDocument>.Empty;

    /// <summary>All documents in their current version, by <see cref="TextDocument.Uri"/>.</summary>
    public ImmutableDictionary<string, TextDocument> Snapshot => documents;

    /// <summary>The current version of a document; null: it is not open.</summary>
    public TextDocument? Find(string uri) => documents.GetValueOrDefault(KeyOf(uri));

    /// <summary>Adds a document; one that is already open is replaced.</summary>
    public void Open(TextDocument document) => Put(document.Uri, document);

    /// <summary>Applies edits.</summary>
    /// <param name="version">The new version; null: the client sent none, so the version is incremented.</param>
    /// <param name="changes">In order; a null entry is a change that could not be read.</param>
    public ChangeOutcome Change(string uri, long? version, IReadOnlyList<TextChange?> changes)
    {
        if (Find(uri) is not { } document) return ChangeOutcome.NotOpen;
        TextDocument next = document.WithChanges(version ?? document.Version + 1, changes);
        Put(next.Uri, next);
        return next.IsInStep ? ChangeOutcome.Applied : document.IsInStep ? ChangeOutcome.Lost : ChangeOutcome.StillLost;
    }

    /// <summary>Removes a document. Returns whether it was open.</summary>
    public bool Close(string uri)
    {
        if (Find(uri) is not { } document) return false;
        Put(document.Uri, null);
        return true;
    }

    /// <summary>A document's key in <see cref="Snapshot"/>.</summary>
    public static string KeyOf(string uri) => DocumentUri.Parse(uri).ToString();

    private void Put(string uri, TextDocument? document)
    {
        TextDocument? before = documents.GetValueOrDefault(uri);
        documents = document is null ? documents.Remove(uri) : documents.SetItem(uri, document);
        listeners.Tell(new DocumentChange(uri, before, document));
    }
}

/// <summary>A document was opened, changed or closed. Sent in order.</summary>
/// <param name="Before">Null: it was opened.</param>
/// <param name="After">Null: it was closed.</param>
internal sealed record DocumentChange(string Uri, TextDocument? Before, TextDocument? After) : ServerEvent;

/// <summary>The outcome of an edit.</summary>
internal enum ChangeOutcome
{
    Applied,
    /// <summary>The document is not open.</summary>
    NotOpen,
    /// <summary>The edit could not be applied, and the document is out of sync from now on.</summary>
    Lost,
    /// <summary>The document was already out of sync, and still is.</summary>
    StillLost,
}
