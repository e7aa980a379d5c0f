using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Commits the largest number n of most confident tokens with (n + 1) · (1 − c_n) &lt; f, c_n being the n-th highest confidence; at
/// least one (Fast-dLLM's factor decoding, arXiv 2505.22618).
/// </summary>
internal sealed class FactorPolicy(double factor) : ICommitPolicy
{
    public static Knob<double> Factor { get; } = new("factor", new NumberKind(0, 16), 1, "f of the factor decoder: larger values commit more tokens per step, including less confident ones.");

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        int[] order = Ranking.ByConfidence(proposals);
        int count = 0;
        for (int n = 1; n <= order.Length; n++)
            if ((n + 1) * (1 - proposals[order[n - 1]].Confidence) < factor) count = n;
        return new Selection(order[..Math.Max(1, count)], count == 0 ? order[0] : null);
    }
}
