using System.Collections.Immutable;

namespace DiffusionLsp.Server.Documents;

/// <summary>
/// The open documents by URI: the only place where a document changes. Written by the ordered dispatcher alone;
/// read through <see cref="Snapshot"/>. It knows nothing of LSP types.
/// </summary>
internal sealed class DocumentStore
{
    private volatile ImmutableDictionary<string, TextDocument> documents = ImmutableDictionary<string, TextDocument>.Empty;

    /// <summary>All documents as they are now.</summary>
    public ImmutableDictionary<string, TextDocument> Snapshot => documents;

    /// <summary>The document as it is now, or null when it is not open.</summary>
    public TextDocument? Find(string uri) => documents.GetValueOrDefault(uri);

    public void Open(TextDocument document) => documents = documents.SetItem(document.Uri, document);

    /// <summary>Applies an edit. Returns false when the document is not open.</summary>
    public bool Change(string uri, int version, IEnumerable<TextChange> changes)
    {
        if (Find(uri) is not { } document) return false;
        documents = documents.SetItem(uri, document.WithChanges(version, changes));
        return true;
    }

    /// <summary>Forgets a document. Returns false when it was not open.</summary>
    public bool Close(string uri)
    {
        bool known = documents.ContainsKey(uri);
        documents = documents.Remove(uri);
        return known;
    }
}
