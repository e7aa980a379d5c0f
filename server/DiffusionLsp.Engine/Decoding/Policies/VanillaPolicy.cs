namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>One token per step, the most confident one: low-confidence remasking with as many steps as tokens (LLaDA, arXiv 2502.09992).</summary>
internal sealed class VanillaPolicy : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        int best = Ranking.MostConfident(proposals);
        return new Selection([best], best);
    }
}
