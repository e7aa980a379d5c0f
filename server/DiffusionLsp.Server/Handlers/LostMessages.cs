using System.Text;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// Handles messages that were malformed and reached no method: if one was an edit, its document is out of sync; if it does not
/// name a document, all of them are.
/// </summary>
internal sealed class LostMessages(DocumentStore documents, LostEdits lost)
{
    public void Take(byte[] bytes)
    {
        if (bytes.AsSpan().IndexOf("textDocument/didChange\""u8) < 0 && bytes.AsSpan().IndexOf("textDocument\\/didChange\""u8) < 0) return;
        TextDocument[] all = [.. documents.Snapshot.Values];
        TextDocument[] named = [.. all.Where(document => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"{document.ClientUri}\"")) >= 0)];
        foreach (TextDocument document in named.Length > 0 ? named : all)
            if (documents.Change(document.Uri, document.Version, [null]) == ChangeOutcome.Lost) lost.Tell(document.ClientUri);
    }
}
