using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Confidence;

/// <summary>What a decode knew of a token when it wrote it.</summary>
/// <param name="Probability">Of the token, after the n-gram cache was mixed in.</param>
/// <param name="Margin">Probability less the best other token's.</param>
/// <param name="Entropy">Of the whole distribution, in nats.</param>
/// <param name="Step">Steps before, over the whole decode.</param>
/// <param name="IsDrafted">Whether it was drafted and then confirmed.</param>
/// <param name="CacheWeight">λ of the n-gram cache; 0: it knew nothing.</param>
/// <param name="CacheShare">The token's share among what followed earlier matches.</param>
/// <param name="CacheAgrees">Whether it is the commonest of these.</param>
internal readonly record struct TokenSignals(float Probability, float Margin, float Entropy, int Step, bool IsDrafted, float CacheWeight, float CacheShare, bool CacheAgrees);

/// <summary>Collects a decode's signals by canvas position. It changes nothing.</summary>
internal sealed class SignalRecorder
{
    private readonly Dictionary<int, TokenSignals> signals = [];
    private readonly Dictionary<int, NgramPrediction> predictions = [];

    /// <summary>What the n-gram cache says of a position whose context is known.</summary>
    public void Note(int position, NgramPrediction prediction) => predictions[position] = prediction;

    /// <summary>What a step wrote.</summary>
    public void Note(ScoreCall call, StepInfo step, Canvas canvas)
    {
        ReadOnlySpan<Proposal> proposals = step.Proposals.Span;
        foreach (int index in step.Selection.Indices)
        {
            Proposal p = proposals[index];
            if (p.Position >= canvas.Length) continue; // cut off again
            int token = canvas.Ids[p.Position];
            NgramPrediction? prediction = predictions.GetValueOrDefault(p.Position);
            double share = prediction?.Tokens.FirstOrDefault(t => t.Token == token).Share ?? 0;
            signals[p.Position] = new TokenSignals(p.Confidence, p.Margin, p.Entropy, step.Number, p.Position - call.First < call.Known.Length,
                (float)(prediction?.Weight ?? 0), (float)share, share > 0 && prediction!.Tokens.All(t => t.Share <= share));
        }
    }

    /// <summary>Null: nothing is known of the position.</summary>
    public TokenSignals? Of(int position) => signals.TryGetValue(position, out TokenSignals found) && float.IsFinite(found.Probability) ? found : null;
}
