using System.Collections.Immutable;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Documents;

/// <summary>
/// The open documents by <see cref="DocumentUri"/>, in whatever spelling a client names them: the only place where a document
/// changes. Written by the ordered dispatcher alone; read through <see cref="Snapshot"/>. It knows nothing of LSP types.
/// </summary>
internal sealed class DocumentStore(Listeners listeners)
{
    private volatile ImmutableDictionary<string, TextDocument> documents = ImmutableDictionary<string, TextDocument>.Empty;

    /// <summary>All documents as they are now, by <see cref="TextDocument.Uri"/>.</summary>
    public ImmutableDictionary<string, TextDocument> Snapshot => documents;

    /// <summary>The document as it is now, or null when it is not open.</summary>
    public TextDocument? Find(string uri) => documents.GetValueOrDefault(KeyOf(uri));

    /// <summary>Takes a document in; one that is open already is replaced.</summary>
    public void Open(TextDocument document) => Put(document.Uri, document);

    /// <summary>Applies edits.</summary>
    /// <param name="version">Null: the client did not say; it counts on.</param>
    /// <param name="changes">Null stands for a change that could not be read.</param>
    public ChangeOutcome Change(string uri, long? version, IReadOnlyList<TextChange?> changes)
    {
        if (Find(uri) is not { } document) return ChangeOutcome.NotOpen;
        TextDocument next = document.WithChanges(version ?? document.Version + 1, changes);
        Put(next.Uri, next);
        return next.IsInStep ? ChangeOutcome.Applied : document.IsInStep ? ChangeOutcome.Lost : ChangeOutcome.StillLost;
    }

    /// <summary>Forgets a document. Returns false when it was not open.</summary>
    public bool Close(string uri)
    {
        if (Find(uri) is not { } document) return false;
        Put(document.Uri, null);
        return true;
    }

    /// <summary>What <see cref="Snapshot"/> has a document under.</summary>
    public static string KeyOf(string uri) => DocumentUri.Parse(uri).ToString();

    private void Put(string uri, TextDocument? document)
    {
        TextDocument? before = documents.GetValueOrDefault(uri);
        documents = document is null ? documents.Remove(uri) : documents.SetItem(uri, document);
        listeners.Tell(new DocumentChange(uri, before, document));
    }
}

/// <summary>A document was opened, changed or closed. Told in order.</summary>
/// <param name="Before">Null: it was opened.</param>
/// <param name="After">Null: it was closed.</param>
internal sealed record DocumentChange(string Uri, TextDocument? Before, TextDocument? After) : ServerEvent;

/// <summary>What became of an edit.</summary>
internal enum ChangeOutcome
{
    Applied,
    /// <summary>The document is not open.</summary>
    NotOpen,
    /// <summary>It could not be applied, and from now on the document is out of step.</summary>
    Lost,
    /// <summary>The document was out of step before, and still is.</summary>
    StillLost,
}
