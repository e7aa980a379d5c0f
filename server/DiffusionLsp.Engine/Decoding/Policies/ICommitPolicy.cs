namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>Chooses which proposals become text in this step. Plain numbers, no tensors; one instance lives for one decode.</summary>
internal interface ICommitPolicy
{
    /// <param name="proposals">Every masked position of the block, by ascending position; at least one.</param>
    /// <returns>At least one proposal, so that every step makes progress.</returns>
    Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step);
}

/// <summary>Where a policy is asked.</summary>
/// <param name="BlockStart">First position of the block, in the canvas.</param>
/// <param name="BlockEnd">Its end.</param>
/// <param name="Index">Steps done in this block.</param>
internal readonly record struct DecodeStep(int BlockStart, int BlockEnd, int Index);

/// <summary>What a policy chose.</summary>
/// <param name="Indices">Distinct indices into the proposals.</param>
/// <param name="Forced">The one of them that is there for progress alone; null when the policy is sure of all.</param>
/// <param name="Tokens">What is written in place of the proposed tokens, one per index; null: the proposals. The oracle's alone.</param>
internal readonly record struct Selection(IReadOnlyList<int> Indices, int? Forced = null, IReadOnlyList<int>? Tokens = null)
{
    /// <summary>What a filter thinks of each proposal, a probability; NaN where it was not asked. Null without a filter.</summary>
    public IReadOnlyList<double>? Scores { get; init; }

    /// <summary>Everything a policy is sure of, and always <paramref name="progress"/>.</summary>
    public static Selection Of(ReadOnlySpan<Proposal> proposals, Func<Proposal, bool> sure, int progress)
    {
        var indices = new List<int>();
        int? forced = null;
        for (int i = 0; i < proposals.Length; i++)
        {
            bool accepted = sure(proposals[i]);
            if (accepted || i == progress) indices.Add(i);
            if (!accepted && i == progress) forced = i;
        }
        return new Selection(indices, forced);
    }

    /// <summary>The proposals with the tokens that are written.</summary>
    public Proposal[] Written(Proposal[] proposals)
    {
        if (Tokens is null) return proposals;
        Proposal[] written = [.. proposals];
        for (int i = 0; i < Indices.Count; i++) written[Indices[i]] = written[Indices[i]] with { TokenId = Tokens[i] };
        return written;
    }
}

/// <summary>What policies share.</summary>
internal static class Ranking
{
    /// <summary>Index of the most confident proposal; the leftmost of equals.</summary>
    public static int MostConfident(ReadOnlySpan<Proposal> proposals)
    {
        int best = 0;
        for (int i = 1; i < proposals.Length; i++)
            if (proposals[i].Confidence > proposals[best].Confidence) best = i;
        return best;
    }

    /// <summary>Indices by falling confidence; equals from left to right.</summary>
    public static int[] ByConfidence(ReadOnlySpan<Proposal> proposals)
    {
        Proposal[] all = proposals.ToArray();
        return [.. Enumerable.Range(0, all.Length).OrderByDescending(i => all[i].Confidence).ThenBy(i => i)];
    }
}
