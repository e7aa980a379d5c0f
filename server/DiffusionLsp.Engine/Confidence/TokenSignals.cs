using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Confidence;

/// <summary>The decode's signals about a token at the moment of its commit.</summary>
/// <param name="Probability">The token's probability, after interpolation with the n-gram cache.</param>
/// <param name="Margin">Its probability minus that of the runner-up.</param>
/// <param name="Entropy">Entropy of the full distribution, in nats.</param>
/// <param name="Step">Number of earlier steps in the whole decode.</param>
/// <param name="IsDrafted">Whether the token was drafted and then verified.</param>
/// <param name="CacheWeight">The n-gram cache's weight λ; 0: it had no match.</param>
/// <param name="CacheShare">The token's share among the continuations of the cache's matches.</param>
/// <param name="CacheAgrees">Whether it is the most frequent continuation.</param>
internal readonly record struct TokenSignals(float Probability, float Margin, float Entropy, int Step, bool IsDrafted, float CacheWeight, float CacheShare, bool CacheAgrees);

/// <summary>Collects a decode's signals by canvas position, without changing the decode.</summary>
internal sealed class SignalRecorder
{
    private readonly Dictionary<int, TokenSignals> signals = [];
    private readonly Dictionary<int, NgramPrediction> predictions = [];

    /// <summary>Records the n-gram cache's prediction for a position whose context is known.</summary>
    public void Note(int position, NgramPrediction prediction) => predictions[position] = prediction;

    /// <summary>Records what a step committed.</summary>
    public void Note(ScoreCall call, StepInfo step, Canvas canvas)
    {
        ReadOnlySpan<Proposal> proposals = step.Proposals.Span;
        foreach (int index in step.Selection.Indices)
        {
            Proposal p = proposals[index];
            if (p.Position >= canvas.Length) continue; // truncated again
            int token = canvas.Ids[p.Position];
            NgramPrediction? prediction = predictions.GetValueOrDefault(p.Position);
            double share = prediction?.Tokens.FirstOrDefault(t => t.Token == token).Share ?? 0;
            signals[p.Position] = new TokenSignals(p.Confidence, p.Margin, p.Entropy, step.Number, p.Position - call.First < call.Known.Length,
                (float)(prediction?.Weight ?? 0), (float)share, share > 0 && prediction!.Tokens.All(t => t.Share <= share));
        }
    }

    /// <summary>The signals of a position; null: none recorded.</summary>
    public TokenSignals? Of(int position) => signals.TryGetValue(position, out TokenSignals found) && float.IsFinite(found.Probability) ? found : null;
}
