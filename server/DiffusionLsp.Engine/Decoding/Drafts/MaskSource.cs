namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>What the mask rows behind the last draft saw ahead: the diffusion model as its own draft model.</summary>
internal sealed class MaskSource : IDraftSource
{
    private Proposal[] ahead = [];

    /// <summary>Takes the mask rows' proposals of a step; they hold only if the whole draft before them did.</summary>
    public void Renew(ReadOnlySpan<Proposal> proposals) => ahead = proposals.ToArray();

    public DraftGuess? Next(ReadOnlySpan<int> sequence, int position)
    {
        foreach (Proposal p in ahead)
            if (p.Position == position) return new DraftGuess(p.TokenId, AcceptanceRates.Confidence + Math.Clamp((int)(p.Confidence * 10), 0, 9));
        return null;
    }

    /// <summary>Counts which mask rows were right, up to the first that was not.</summary>
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
