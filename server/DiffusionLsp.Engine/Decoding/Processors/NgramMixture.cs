using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Interpolates the model with an n-gram cache, p ← (1 − λ) · p + λ · p_cache, in every row whose context is fully known.</summary>
internal sealed class NgramMixture(ITokenPrior prior, DecodeTask task, SignalRecorder? signals = null) : ILogitsProcessor
{
    public RowMixture Mixture(ScoreCall call)
    {
        int[] context = [.. task.Text, .. task.Canvas.Ids[..call.First], .. call.Known];
        int known = context.Length - call.Known.Length;
        return new RowMixture(call.Known.Length + 1, (row, top) =>
        {
            NgramPrediction? prediction = prior.Next(context.AsSpan(0, known + row), top);
            if (prediction is not null) signals?.Note(call.First + row, prediction);
            return prediction;
        });
    }
}
