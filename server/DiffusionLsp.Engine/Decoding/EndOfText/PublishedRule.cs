using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>
/// The rule of Learn2PD's released code: the leftmost end token that the filter accepted; failing that, the most confident end token
/// predicted anywhere, whatever its confidence. The position itself may stay masked. For comparison only: it can truncate text.
/// </summary>
internal sealed class PublishedRule : IEndOfTextRule
{
    public int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends)
    {
        int? accepted = null;
        foreach (int i in selection.Indices)
            if (i != selection.Forced && ends(proposals[i].TokenId) && !(accepted <= proposals[i].Position)) accepted = proposals[i].Position + 1;
        if (accepted is not null) return accepted;
        int? best = null;
        float confidence = float.NegativeInfinity;
        foreach (Proposal p in proposals)
            if (ends(p.TokenId) && p.Confidence > confidence) (best, confidence) = (p.Position + 1, p.Confidence);
        return best;
    }
}
