using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>
/// Every token that has been the argmax for some steps in a row and whose confidence reaches the threshold, and always the
/// most confident one (the training-free rule of CORA-Diff: 0.97 and two steps).
/// </summary>
/// <param name="steps">Steps in a row, this one included; 1 asks for the threshold alone.</param>
internal sealed class StablePolicy(double threshold, int steps) : ICommitPolicy
{
    public static Knob<int> StableSteps { get; } = new("stableSteps", new IntKind(1, 64), 2, "Steps in a row in which a token must have been the most probable one before the decoder stable commits it.");

    private Dictionary<int, (int Token, int Steps)> standing = []; // position → its argmax, and for how many steps it has been that

    public Selection Select(ReadOnlySpan<Proposal> proposals, DecodeStep step)
    {
        var now = new Dictionary<int, (int Token, int Steps)>();
        foreach (Proposal p in proposals)
            now[p.Position] = (p.TokenId, standing.TryGetValue(p.Position, out var before) && before.Token == p.TokenId ? before.Steps + 1 : 1);
        standing = now;
        return Selection.Of(proposals, p => p.Confidence >= threshold && now[p.Position].Steps >= steps, Ranking.MostConfident(proposals));
    }
}
