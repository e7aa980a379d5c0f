using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>A committed end cuts there. It never changes the text: what is written right of an end is not part of it.</summary>
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
