using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Models.Families;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Models;

/// <summary>A transformer of a few thousand random weights, made in memory from the parameter table. It knows no files.</summary>
internal sealed class TinyModel : IDisposable
{
    public const int Vocabulary = 48;

    private readonly Dictionary<string, Tensor> weights = [];

    /// <param name="packed">Whether our own kernels run it, if the shape allows; the weights are then rounded.</param>
    /// <param name="rounded">Whether every weight is a bfloat16, as in published checkpoints.</param>
    /// <param name="type">What the transformer computes in.</param>
    public TinyModel(ModelConfig config, int seed = 1, bool packed = false, bool rounded = false, ScalarType type = ScalarType.Float32)
    {
        Config = config;
        var random = new Random(seed);
        foreach ((string name, long[] shape) in ParameterTable.Shapes(config))
        {
            bool gain = name.EndsWith("norm.weight", StringComparison.Ordinal);
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)((gain ? 1 : 0) + Normal(random) * (gain ? 0.2 : 0.4)))];
            if (packed || rounded) values = [.. values.Select(v => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(v) & 0xFFFF0000))];
            Values[name] = values;
            weights[name] = tensor(values, shape, type).DetachFromDisposeScope();
        }
        using var noGradient = no_grad();
        if (packed) Fuse();
        Transformer = new Transformer(config, weights);
        if (packed && CpuTransformer.Suits(config)) Cpu = CpuTransformerOf();
    }

    /// <summary>The same without libtorch; null: it is not packed, or its shape is not supported.</summary>
    public CpuTransformer? Cpu { get; }

    /// <summary>Runs it without libtorch if it is packed.</summary>
    public ModelRunner NewRunner(int threads = 1) => Cpu is not null ? new HostRunner(Cpu, threads) : new TensorRunner(Transformer, threads);

    private CpuTransformer? CpuTransformerOf()
    {
        StoredTensor[] stored = [.. ParameterTable.Shapes(Config).Select(p => new StoredTensor(p.Key, p.Value, FusedParameters.PlaceOf(Config, p.Key)))];
        return HostWeights.TryMake(Config, stored, (parameter, target) => Values[parameter.Name].CopyTo(target)) is { } made ? new CpuTransformer(Config, made) : null;
    }

    public ModelConfig Config { get; }

    public Transformer Transformer { get; }

    /// <summary>The weights as plain numbers, for an independent computation.</summary>
    public Dictionary<string, float[]> Values { get; } = [];

    /// <summary>The shapes to test: with and without shift, groups, shared key heads, norms and biases.</summary>
    public static ModelConfig Shape(int variant) => new()
    {
        HiddenSize = 32, Layers = 2, Heads = 4, KeyValueHeads = (variant & 1) == 0 ? 4 : 2, HeadSize = 8, IntermediateSize = 40,
        VocabularySize = Vocabulary, MaxPositions = 256, RopeTheta = 1000, NormEpsilon = 1e-5,
        QueryKeyNorm = (variant & 2) != 0, AttentionBias = (variant & 4) != 0, TieEmbeddings = (variant & 8) == 0,
        LogitShift = (variant & 16) != 0, ContextBlockSize = (variant & 32) != 0 ? 4 : 1,
    };

    /// <summary>Fuses the parameters as the loader does.</summary>
    private void Fuse()
    {
        foreach (var parts in ParameterTable.Shapes(Config).Keys.Select(name => (Name: name, Place: FusedParameters.PlaceOf(Config, name))).Where(p => p.Place.Rows > 0).GroupBy(p => p.Place.Parameter).ToArray())
        {
            Tensor[] tensors = [.. parts.OrderBy(p => p.Place.FirstRow).Select(p => weights[p.Name])];
            weights[parts.Key] = cat(tensors, dim: 0).DetachFromDisposeScope();
            foreach (var part in parts) weights.Remove(part.Name);
            foreach (Tensor tensor in tensors) tensor.Dispose();
        }
    }

    public void Dispose()
    {
        Cpu?.Dispose();
        Transformer.Dispose();
        foreach (Tensor tensor in weights.Values) tensor.Dispose();
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
