namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Commits exactly the proposals that equal a reference, the model's own slow output for the same prompt: "extremely greedy parallel"
/// decoding (Learn2PD, arXiv 2509.25188), an upper bound and the source of filters' training data.
/// </summary>
/// <remarks>
/// If no proposal is right, the next forward would be identical, so the block's remaining positions take the reference's tokens. (The
/// published code notices one forward later, when the argmax vector repeats.)
/// </remarks>
/// <param name="reference">The token of each canvas position.</param>
/// <param name="inner">
/// Selects which of the right proposals are committed; null: all. Its wrong choices are left out, and one position makes progress, so
/// that training data follows another policy without departing from the reference.
/// </param>
internal sealed class OraclePolicy(IReadOnlyList<int> reference, ICommitPolicy? inner = null) : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        Proposal[] all = proposals.ToArray();
        IReadOnlyList<int> candidates = inner?.Select(proposals, step).Indices ?? [.. Enumerable.Range(0, all.Length)];
        int[] right = [.. candidates.Where(i => all[i].Position < reference.Count && all[i].TokenId == reference[all[i].Position])];
        if (right.Length > 0) return new Selection(right);
        int[] stuck = inner is null ? [.. Enumerable.Range(0, all.Length)] : [0];
        return new Selection(stuck, stuck[0], [.. stuck.Select(i => all[i].Position < reference.Count ? reference[all[i].Position] : all[i].TokenId)]);
    }
}
