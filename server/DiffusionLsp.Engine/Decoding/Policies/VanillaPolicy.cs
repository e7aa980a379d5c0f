namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>Commits the most confident token in each step: low-confidence remasking with as many steps as tokens (LLaDA, arXiv 2502.09992).</summary>
internal sealed class VanillaPolicy : ICommitPolicy
{
    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        int best = Ranking.MostConfident(proposals);
        return new Selection([best], best);
    }
}
