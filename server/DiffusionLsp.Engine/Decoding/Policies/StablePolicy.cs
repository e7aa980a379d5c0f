namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Every token that was the argmax in the step before too and whose confidence reaches the threshold, and always the
/// most confident one (the training-free rule of CORA-Diff: 0.97 and two steps).
/// </summary>
internal sealed class StablePolicy(double threshold) : ICommitPolicy
{
    private readonly Dictionary<int, int> before = []; // position → token

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        Selection selection = Selection.Of(proposals, p => p.Confidence >= threshold && before.GetValueOrDefault(p.Position, -1) == p.TokenId,
            Ranking.MostConfident(proposals));
        before.Clear();
        foreach (Proposal p in proposals) before[p.Position] = p.TokenId;
        return selection;
    }
}
