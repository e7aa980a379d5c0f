namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Follows the proposals of the mask rows after the last draft: the diffusion model as its own draft model.</summary>
internal sealed class MaskSource : IDraftSource
{
    private Proposal[] ahead = [];

    /// <summary>Takes a step's mask-row proposals; they are valid only if the whole draft before them was accepted.</summary>
    public void Renew(ReadOnlySpan<Proposal> proposals) => ahead = proposals.ToArray();

    public DraftGuess? Next(ReadOnlySpan<int> sequence, int position)
    {
        foreach (Proposal p in ahead)
            if (p.Position == position) return new DraftGuess(p.TokenId, AcceptanceRates.Confidence + Math.Clamp((int)(p.Confidence * 10), 0, 9));
        return null;
    }

    /// <summary>Updates the acceptance rates of the mask rows, up to the first wrong one.</summary>
    public void Observe(AcceptanceRates rates, Canvas canvas)
    {
        for (int i = 0; i < ahead.Length && ahead[i].Position < canvas.Committed; i++)
        {
            bool right = canvas.Ids[ahead[i].Position] == ahead[i].TokenId;
            rates.Observe(AcceptanceRates.Mask + i, right);
            if (!right) return;
        }
    }
}
