using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Commits the largest set of k lowest-entropy tokens with ΣH − max H ≤ γ, which bounds their mutual dependence (EB-Sampler, arXiv
/// 2505.24857). At least one.
/// </summary>
/// <param name="gamma">γ, in nats.</param>
internal sealed class EntropyBoundPolicy(double gamma) : ICommitPolicy
{
    public static Knob<double> EntropyBound { get; } = new("entropyBound", new NumberKind(0, 16), 0.1, "γ of the entropy-bound decoder, in nats: larger values commit more tokens per step, including less confident ones.");

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        Proposal[] all = proposals.ToArray();
        int[] order = [.. Enumerable.Range(0, all.Length).OrderBy(i => all[i].Entropy).ThenBy(i => i)];
        int count = 1;
        double sum = all[order[0]].Entropy; // ascending, so the maximum so far is the last one
        while (count < order.Length && sum <= gamma) sum += all[order[count++]].Entropy;
        if (sum - all[order[count - 1]].Entropy > gamma) count--;
        return new Selection(order[..count], count == 1 ? order[0] : null);
    }
}
