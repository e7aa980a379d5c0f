using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Training.Evaluate;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.NgramCache;

/// <summary>What network and n-gram cache each gave to one true token.</summary>
/// <param name="Bucket">Of <see cref="NgramCacheWeights"/>; −1 when the cache knew nothing.</param>
internal readonly record struct NgramCacheSample(int Bucket, double Network, double File);

/// <summary>Reads the truth of a hole with network and n-gram cache side by side, each token given the true ones before it.</summary>
internal static class NgramCacheSamples
{
    public static IEnumerable<NgramCacheSample> Of(EvaluationCase hole, LoadedModel model, int context)
    {
        InfillRequest request = hole.Request;
        Prompt laid = model.Description.Prompt.Build(new PromptBuilder(model.Tokenizer, context), request);
        int[] prompt = laid.Before;
        int end = model.Tokenizer.Special.EndOfText;
        int[] truth = [.. model.Tokenizer.Encode(hole.Truth), end];
        var index = new NgramIndex(model.Tokenizer.Encode(hole.Prefix), model.Tokenizer.Encode(hole.Suffix));
        int[] sequence = [.. prompt, .. truth], text = [.. laid.Text, .. truth];
        double[] network = Probabilities(model.Transformer, sequence, prompt.Length);
        for (int i = 0; i < truth.Length; i++)
        {
            if (index.Find(text.AsSpan(0, text.Length - truth.Length + i)) is not { } match)
            {
                yield return new NgramCacheSample(-1, network[i], 0);
                continue;
            }
            bool Same(int token) => token == truth[i] || (hole.SingleLine && truth[i] == end && model.Tokenizer.BytesOf(token).Contains((byte)'\n'));
            yield return new NgramCacheSample(NgramCacheWeights.Bucket(match), network[i], match.Followers.Where(f => Same(f.Token)).Sum(f => f.Share));
        }
    }

    private static double[] Probabilities(Transformer transformer, int[] sequence, int from)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        var ids = tensor(sequence.Select(i => (long)i).ToArray(), device: transformer.Device);
        var hidden = transformer.Forward(ids[..^1].unsqueeze(0), HeldScalars.Range(0, sequence.Length - 1, transformer.Device), AttentionScope.Strict);
        var scores = transformer.Logits(hidden[0].narrow(0, from - 1, sequence.Length - from)).to(ScalarType.Float32).log_softmax(-1);
        return [.. scores.gather(1, ids[from..].unsqueeze(1)).exp().cpu().data<float>().ToArray().Select(p => (double)p)];
    }
}
