using System.Text;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// What no method got to see, because it was no well-formed message: if it was an edit, its document is out of step, and if
/// it does not say of which, all are.
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
