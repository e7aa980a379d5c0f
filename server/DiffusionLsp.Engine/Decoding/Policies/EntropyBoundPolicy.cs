using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// The largest k tokens of least entropy H with ΣH − max H ≤ γ: what they may depend on each other is bounded
/// (EB-Sampler, arXiv 2505.24857). At least one.
/// </summary>
/// <param name="gamma">γ, in nats.</param>
internal sealed class EntropyBoundPolicy(double gamma) : ICommitPolicy
{
    public static Knob<double> EntropyBound { get; } = new("entropyBound", new NumberKind(0, 16), 0.1, "γ of the decoder entropy-bound, in nats: a larger one commits more tokens in each step, less sure ones among them.");

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        Proposal[] all = proposals.ToArray();
        int[] order = [.. Enumerable.Range(0, all.Length).OrderBy(i => all[i].Entropy).ThenBy(i => i)];
        int count = 1;
        double sum = all[order[0]].Entropy; // ascending: the largest so far is the last one
        while (count < order.Length && sum <= gamma) sum += all[order[count++]].Entropy;
        if (sum - all[order[count - 1]].Entropy > gamma) count--;
        return new Selection(order[..count], count == 1 ? order[0] : null);
    }
}
