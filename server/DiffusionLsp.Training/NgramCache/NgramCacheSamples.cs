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

/// <summary>The probabilities of one true token under the network and under the n-gram cache.</summary>
/// <param name="Source">Where the match was found.</param>
/// <param name="Bucket">Bucket in <see cref="NgramCacheWeights"/>; −1: the cache had no match.</param>
internal readonly record struct NgramCacheSample(NgramSource Source, int Bucket, double Network, double Cache);

/// <summary>
/// Scores the true text of a hole with the network and the n-gram cache, each token given the true ones before it. The hole's end is left
/// out: completions end with a line break, rewritten selections with end-of-text, and the network knows at most one of them.
/// </summary>
internal static class NgramCacheSamples
{
    /// <param name="workspace">Index of the other files; null: only the open file.</param>
    public static IEnumerable<NgramCacheSample> Of(EvaluationCase hole, LoadedModel model, WorkspaceIndex? workspace, int context)
    {
        Prompt laid = model.Description.Prompt.Build(new PromptBuilder(model.Tokenizer, context), hole.Request);
        int[] prompt = laid.Before, truth = model.Tokenizer.Encode(hole.Truth);
        var prior = new NgramCachePrior(new NgramIndex(model.Tokenizer.Encode(hole.Prefix), model.Tokenizer.Encode(hole.Suffix)), None, _ => false, 0) { Workspace = workspace };
        int[] sequence = [.. prompt, .. truth], text = [.. laid.Text, .. truth];
        (TopToken Top, double Truth)[] network = Network(model.Transformer, sequence, prompt.Length);
        for (int i = 0; i < truth.Length; i++)
            yield return prior.Find(text.AsSpan(0, text.Length - truth.Length + i), null) is var (source, match)
                ? new NgramCacheSample(source, NgramCacheWeights.Bucket(match, network[i].Top.Probability, match.Followers[0].Token == network[i].Top.Token), network[i].Truth,
                    match.Followers.Where(f => f.Token == truth[i]).Sum(f => f.Share))
                : new NgramCacheSample(NgramSource.File, -1, network[i].Truth, 0);
    }

    private static NgramCacheWeights None { get; } = new(new double[NgramCacheWeights.Buckets], new double[NgramCacheWeights.Buckets]);

    /// <summary>For each token from an index on: the network's most probable token, and the probability of the true one.</summary>
    private static (TopToken Top, double Truth)[] Network(Transformer transformer, int[] sequence, int from)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        var ids = tensor(sequence.Select(i => (long)i).ToArray(), device: transformer.Device);
        var hidden = transformer.Forward(ids[..^1].unsqueeze(0), HeldScalars.Range(0, sequence.Length - 1, transformer.Device), AttentionScope.Strict);
        var probability = transformer.Logits(hidden[0].narrow(0, from - 1, sequence.Length - from)).to(ScalarType.Float32).softmax(-1); // (N, V)
        var (values, tops) = probability.max(-1);
        return [.. tops.cpu().data<long>().Zip(values.cpu().data<float>(), probability.gather(1, ids[from..].unsqueeze(1)).squeeze(1).cpu().data<float>())
            .Select(row => (new TopToken((int)row.First, row.Second), (double)row.Third))];
    }
}
