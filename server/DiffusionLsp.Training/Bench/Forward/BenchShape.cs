using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Training.Bench.Forward;

/// <summary>The table of transformer shapes for <c>bench forward</c>. Sizes only: random weights suffice to measure speed.</summary>
internal static class BenchShape
{
    /// <summary>Shapes of published models, of the embedded one, and two small ones for machines without a GPU.</summary>
    public static IReadOnlyDictionary<string, ModelConfig> All { get; } = new Dictionary<string, ModelConfig>
    {
        ["tiny"] = Of(layers: 2, width: 64, heads: 4, keyValueHeads: 2, inner: 96, vocabulary: 500) with { QueryKeyNorm = true },
        ["small"] = Of(layers: 4, width: 256, heads: 4, keyValueHeads: 2, inner: 704, vocabulary: 8192),
        ["nano"] = Of(8, 384, 6, 2, 1024, 8192) with { QueryKeyNorm = true, LogitShift = true, Attention = AttentionKind.BlockCausal, ContextBlockSize = 1 },
        ["open-dcoder-0.5b"] = Of(24, 896, 14, 2, 4864, 151_936) with { HeadSize = 64, AttentionBias = true, LogitShift = true },
        ["dream-7b"] = Of(28, 3584, 28, 4, 18_944, 152_064) with { AttentionBias = true, LogitShift = true, TieEmbeddings = false },
        ["llada-8b"] = Of(32, 4096, 32, 32, 12_288, 126_464) with { TieEmbeddings = false },
        ["stable-diffcoder-8b"] = Of(32, 4096, 32, 8, 14_336, 155_136) with { TieEmbeddings = false, Attention = AttentionKind.BlockCausal, ContextBlockSize = 4 },
    };

    /// <summary>The shapes measured by default.</summary>
    public static IReadOnlyList<string> Default(bool hasGpu) => hasGpu ? ["dream-7b", "llada-8b"] : ["small", "nano"];

    private static ModelConfig Of(int layers, int width, int heads, int keyValueHeads, int inner, int vocabulary) => new()
    {
        Layers = layers, HiddenSize = width, Heads = heads, KeyValueHeads = keyValueHeads, HeadSize = width / heads, IntermediateSize = inner,
        VocabularySize = vocabulary, MaxPositions = 4096, RopeTheta = 1_000_000, Attention = AttentionKind.Full,
    };
}
