using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Interpolates the model with an n-gram cache, p ← (1 − λ) · p + λ · p_cache, in every row whose whole context is known.</summary>
internal sealed class NgramMixture(ITokenPrior prior, DecodeTask task, SignalRecorder? signals = null) : ILogitsProcessor
{
    public IEnumerable<int> Mix(Tensor probability, ScoreCall call)
    {
        int[] context = [.. task.Text, .. task.Canvas.Ids[..call.First], .. call.Known];
        int known = context.Length - call.Known.Length;
        TopToken[] top = Top(probability.narrow(0, 0, call.Known.Length + 1));
        for (int row = 0; row <= call.Known.Length; row++)
            if (prior.Next(context.AsSpan(0, known + row), top[row]) is { } prediction)
            {
                signals?.Note(call.First + row, prediction);
                Mix(probability[row], prediction);
                yield return row;
            }
    }

    /// <param name="probability">(N, V)</param>
    private static TopToken[] Top(Tensor probability)
    {
        var (values, ids) = probability.max(-1);
        return [.. ids.cpu().data<long>().Zip(values.cpu().data<float>(), (id, value) => new TopToken((int)id, value))];
    }

    /// <param name="probability">(V)</param>
    private static void Mix(Tensor probability, NgramPrediction prediction)
    {
        var ids = tensor(prediction.Tokens.Select(t => (long)t.Token).ToArray(), device: probability.device);
        var shares = tensor(prediction.Tokens.Select(t => (float)(t.Share * prediction.Weight)).ToArray(), device: probability.device);
        probability.copy_(probability.Times(1 - prediction.Weight).scatter_add(0, ids, shares));
    }
}
