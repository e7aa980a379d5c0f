using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Commits every token that has been the argmax for several consecutive steps and whose confidence reaches the threshold, and always the
/// most confident one (the training-free rule of CORA-Diff: 0.97 and two steps).
/// </summary>
/// <param name="steps">Number of consecutive steps, including the current one; 1: only the threshold matters.</param>
internal sealed class StablePolicy(double threshold, int steps) : ICommitPolicy
{
    public static Knob<int> StableSteps { get; } = new("stableSteps", new IntKind(1, 64), 2, "Number of consecutive steps for which a token must be the most probable one before the stable decoder commits it.");

    private Dictionary<int, (int Token, int Steps)> standing = []; // position → its argmax, and for how many steps

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        var now = new Dictionary<int, (int Token, int Steps)>();
        foreach (Proposal p in proposals)
            now[p.Position] = (p.TokenId, standing.TryGetValue(p.Position, out var before) && before.Token == p.TokenId ? before.Steps + 1 : 1);
        standing = now;
        return Selection.Of(proposals, p => p.Confidence >= threshold && now[p.Position].Steps >= steps, Ranking.MostConfident(proposals));
    }
}
