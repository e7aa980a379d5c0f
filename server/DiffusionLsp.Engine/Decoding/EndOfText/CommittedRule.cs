using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>Truncates after a committed end token. The text never changes: what follows an end token is not part of it.</summary>
internal sealed class CommittedRule : IEndOfTextRule
{
    public int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends)
    {
        int? cut = null;
        foreach (int i in selection.Indices)
            if (ends(proposals[i].TokenId) && !(cut <= proposals[i].Position)) cut = proposals[i].Position + 1;
        return cut;
    }
}
