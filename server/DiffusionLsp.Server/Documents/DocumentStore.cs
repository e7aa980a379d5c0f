using System.Collections.Immutable;

namespace DiffusionLsp.Server.Documents;

/// <summary>
/// The open documents by URI: the only place where a document changes. Written by the ordered dispatcher alone;
/// read through <see cref="Snapshot"/>. It knows nothing of LSP types.
/// </summary>
internal sealed class DocumentStore
{
    private volatile ImmutableDictionary<string, TextDocument> documents = ImmutableDictionary<string, TextDocument>.Empty;

    /// <summary>Raised after a document was opened, changed or closed, in order.</summary>
    public event Action<DocumentChange>? Changed;

    /// <summary>All documents as they are now.</summary>
    public ImmutableDictionary<string, TextDocument> Snapshot => documents;

    /// <summary>The document as it is now, or null when it is not open.</summary>
    public TextDocument? Find(string uri) => documents.GetValueOrDefault(uri);

    public void Open(TextDocument document) => Put(document.Uri, document);

    /// <summary>Applies an edit. Returns false when the document is not open.</summary>
    public bool Change(string uri, int version, IEnumerable<TextChange> changes)
    {
        if (Find(uri) is not { } document) return false;
        Put(uri, document.WithChanges(version, changes));
        return true;
    }

    /// <summary>Forgets a document. Returns false when it was not open.</summary>
    public bool Close(string uri)
    {
        bool known = documents.ContainsKey(uri);
        if (known) Put(uri, null);
        return known;
    }

    private void Put(string uri, TextDocument? document)
    {
        TextDocument? before = Find(uri);
        documents = document is null ? documents.Remove(uri) : documents.SetItem(uri, document);
        Changed?.Invoke(new DocumentChange(uri, before, document));
    }
}

/// <summary>What happened to a document.</summary>
/// <param name="Before">Null: it was opened.</param>
/// <param name="After">Null: it was closed.</param>
internal readonly record struct DocumentChange(string Uri, TextDocument? Before, TextDocument? After);
