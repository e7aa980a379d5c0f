namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>Selects which proposals are committed in a step. Plain numbers, no tensors; one instance serves one decode.</summary>
internal interface ICommitPolicy
{
    /// <param name="proposals">One for each masked position of the block, in ascending order; at least one.</param>
    /// <returns>At least one proposal, so that every step makes progress.</returns>
    Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step);
}

/// <summary>The step for which a policy selects.</summary>
/// <param name="BlockStart">First position of the block, in the canvas.</param>
/// <param name="BlockEnd">Its end.</param>
/// <param name="Index">Steps already done in this block.</param>
internal readonly record struct DecodeStep(int BlockStart, int BlockEnd, int Index);

/// <summary>A policy's choice.</summary>
/// <param name="Indices">Distinct indices into the proposals.</param>
/// <param name="Forced">The one among them that is committed only for progress; null: the policy accepts all of them.</param>
/// <param name="Tokens">Tokens to commit instead of the proposed ones, one per index; null: the proposed ones. Only for the oracle.</param>
internal readonly record struct Selection(IReadOnlyList<int> Indices, int? Forced = null, IReadOnlyList<int>? Tokens = null)
{
    /// <summary>A filter's score for each proposal, as a probability; NaN where it was not applied. Null: no filter.</summary>
    public IReadOnlyList<double>? Scores { get; init; }

    /// <summary>Every accepted proposal, and always <paramref name="progress"/>.</summary>
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

    /// <summary>The proposals with the tokens to commit.</summary>
    public Proposal[] Written(Proposal[] proposals)
    {
        if (Tokens is null) return proposals;
        Proposal[] written = [.. proposals];
        for (int i = 0; i < Indices.Count; i++) written[Indices[i]] = written[Indices[i]] with { TokenId = Tokens[i] };
        return written;
    }
}

/// <summary>Helpers shared by policies.</summary>
internal static class Ranking
{
    /// <summary>Index of the most confident proposal; ties go to the leftmost.</summary>
    public static int MostConfident(ReadOnlySpan<Proposal> proposals)
    {
        int best = 0;
        for (int i = 1; i < proposals.Length; i++)
            if (proposals[i].Confidence > proposals[best].Confidence) best = i;
        return best;
    }

    /// <summary>Indices by descending confidence; ties from left to right.</summary>
    public static int[] ByConfidence(ReadOnlySpan<Proposal> proposals)
    {
        Proposal[] all = proposals.ToArray();
        return [.. Enumerable.Range(0, all.Length).OrderByDescending(i => all[i].Confidence).ThenBy(i => i)];
    }
}
