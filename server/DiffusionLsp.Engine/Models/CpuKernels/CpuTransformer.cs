using System.Numerics;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>
/// The forward of <see cref="Transformer"/> for a few rows behind a K/V cache on a CPU, which is what a decode step is: the
/// same arithmetic in float32, on bfloat16 weights that are read once per step, without an operator call per product. What it
/// cannot take, it leaves to libtorch. One thread at a time.
/// </summary>
/// <remarks>Its place is small models on a CPU. Rows in plenty, as in a prompt, are libtorch's, which uses all cores.</remarks>
internal sealed unsafe class CpuTransformer : IDisposable
{
    /// <summary>Most rows of a forward.</summary>
    public const int MostRows = 47;

    private const long MostParameters = 256_000_000; // the packed copy takes half as much memory again
    private static readonly int Lanes = Vector<float>.Count;

    private readonly ModelConfig config;
    private readonly Tensor embedding, finalNorm;
    private readonly List<CpuLayer> layers = [];
    private readonly CpuAttention attention;
    private PackedMatrix? output;
    private readonly int width, heads, fused, rotated;
    private readonly float* cosines, sines; // (MaxPositions, rotated), the rotary table's own
    private readonly float* x, normal, projected, mixed, inner; // (MostRows, …): residual stream, its norm, q k v or gate up, attention's result, SwiGLU's inside
    private float* scratch; // all of them, one after the other

    private CpuTransformer(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights, RotaryEmbedding rotary)
    {
        this.config = config;
        (IntPtr cosineTable, IntPtr sineTable) = rotary.InHostMemory();
        cosines = (float*)cosineTable;
        sines = (float*)sineTable;
        rotated = config.RotarySize ?? config.HeadSize;
        (embedding, finalNorm) = (weights[ParameterTable.Embedding], weights[ParameterTable.FinalNorm]);
        attention = new CpuAttention(config);
        width = config.HiddenSize;
        heads = config.Heads * config.HeadSize;
        fused = heads + 2 * config.KeyValueHeads * config.HeadSize;
        int widest = Math.Max(fused, 2 * config.IntermediateSize);
        x = scratch = HostMemory.Allocate<float>((long)MostRows * (2 * width + widest + heads + config.IntermediateSize));
        normal = x + (long)MostRows * width;
        projected = normal + (long)MostRows * width;
        mixed = projected + (long)MostRows * widest;
        inner = mixed + (long)MostRows * heads;
    }

    /// <summary>Bytes of the packed weights, which come on top of the others; 0 where nothing is packed.</summary>
    public static long PackedBytes(ModelConfig config) => IsSmall(config) ? 2 * ParameterTable.Count(config) : 0;

    private static bool IsSmall(ModelConfig config) => config.Experts is null && ParameterTable.Count(config) <= MostParameters;

    /// <param name="weights">Fused as <see cref="FusedParameters"/> says. Not owned; they must outlive this.</param>
    /// <returns>Null: the model is not on the CPU in float32, is too large for a second copy, has experts, or its numbers or shapes do not suit.</returns>
    public static CpuTransformer? TryCreate(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights, RotaryEmbedding rotary)
    {
        int half = (config.RotarySize ?? config.HeadSize) / 2;
        if (!IsSmall(config) || !weights.Values.All(HostMemory.IsPlain)) return null;
        if (half % Lanes != 0 || config.HeadSize % Lanes != 0 || config.HiddenSize % Lanes != 0 || config.IntermediateSize % Lanes != 0) return null;
        var made = new CpuTransformer(config, weights, rotary);
        bool isWhole = false;
        try
        {
            isWhole = made.TryPack(weights);
        }
        finally
        {
            if (!isWhole) made.Dispose();
        }
        return isWhole ? made : null;
    }

    private bool TryPack(IReadOnlyDictionary<string, Tensor> weights)
    {
        for (int i = 0; i < config.Layers; i++)
        {
            if (CpuLayer.TryPack(config, i, weights) is not { } layer) return false;
            layers.Add(layer);
        }
        output = PackedMatrix.TryPack(config.TieEmbeddings ? embedding : weights[ParameterTable.OutputLayer]);
        return output is not null;
    }

    /// <inheritdoc cref="Transformer.Forward"/>
    /// <returns>(1, T, D); null: this forward is not one for a few rows.</returns>
    public Tensor? TryForward(Tensor ids, Tensor positions, AttentionScope scope)
    {
        if (ids.shape is not [1, <= MostRows and > 0] || scope is not { Cache: { Arena.IsInHostMemory: true } cache, CausalRows: 0 }) return null;
        int rows = (int)ids.shape[1];
        if (cache.First + rows != cache.Seen) return null;
        if (!IsIndex(ids) || !IsIndex(positions) || positions.shape[0] != rows || scope.Mask is { dtype: not ScalarType.Bool }) return null;
        if (scope.Mask is null ? scope.Causal : !scope.Mask.is_contiguous() || !scope.Mask.shape.SequenceEqual([rows, cache.Seen])) return null;
        long* id = HostMemory.Of<long>(ids), position = HostMemory.Of<long>(positions);
        byte* mask = scope.Mask is null ? null : HostMemory.Of<byte>(scope.Mask);
        float* table = HostMemory.Of<float>(embedding);
        for (int r = 0; r < rows; r++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)id[r], (ulong)config.VocabularySize, nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)position[r], (ulong)config.MaxPositions, nameof(positions));
            Copy(table + id[r] * width, x + (long)r * width, width);
        }
        for (int i = 0; i < layers.Count; i++)
        {
            scope.Cancellation.ThrowIfCancellationRequested();
            Attend(layers[i], rows, position, cache.HostRows(i), cache.First, mask);
            scope.Cancellation.ThrowIfCancellationRequested(); // a long prompt's layer takes as long as a whole later step
            FeedForward(layers[i], rows);
        }
        var hidden = empty([1, rows, width]); // (1, T, D)
        Norm(x, rows, width, HostMemory.Of<float>(finalNorm), HostMemory.Of<float>(hidden));
        return hidden;
    }

    /// <inheritdoc cref="Transformer.Logits"/>
    /// <returns>Null: these are too many rows.</returns>
    public Tensor? TryLogits(Tensor hidden)
    {
        if (hidden.shape is not [<= MostRows and > 0, _] || !HostMemory.IsPlain(hidden)) return null;
        var logits = empty([hidden.shape[0], config.VocabularySize]); // (T, V)
        output!.Multiply(HostMemory.Of<float>(hidden), (int)hidden.shape[0], HostMemory.Of<float>(logits));
        return logits;
    }

    private static bool IsIndex(Tensor tensor) => tensor.dtype is ScalarType.Int64 && tensor.is_contiguous() && tensor.device.type is TorchSharp.DeviceType.CPU;

    private void Attend(CpuLayer layer, int rows, long* position, HostRows cache, int cached, byte* mask)
    {
        int size = config.HeadSize, keyHeads = config.KeyValueHeads;
        Norm(x, rows, width, layer.InputNorm, normal);
        layer.QueryKeyValue.Multiply(normal, rows, projected);
        for (int r = 0; r < rows; r++)
        {
            float* row = projected + (long)r * fused, keys = row + heads, values = keys + keyHeads * size;
            if (layer.Bias != null) Add(layer.Bias, row, fused);
            if (layer.QueryNorm != null) Norm(row, config.Heads, size, layer.QueryNorm, row);
            if (layer.KeyNorm != null) Norm(keys, keyHeads, size, layer.KeyNorm, keys);
            long angles = position[r] * rotated;
            for (int head = 0; head < config.Heads + keyHeads; head++) Rotate(row + head * size, cosines + angles, sines + angles);
            for (int head = 0; head < keyHeads; head++)
            {
                long slot = head * cache.HeadStride + (long)(cached + r) * size;
                Copy(keys + head * size, cache.Keys + slot, size);
                Copy(values + head * size, cache.Values + slot, size);
            }
        }
        attention.Apply(projected, fused, rows, cache, cached + rows, mask, mixed);
        layer.AttentionOutput.Multiply(mixed, rows, normal);
        Add(normal, x, rows * width);
    }

    /// <summary>x ← x + down · (silu(gate · n) ⊙ up · n), where n is the norm of x.</summary>
    private void FeedForward(CpuLayer layer, int rows)
    {
        int size = config.IntermediateSize;
        Norm(x, rows, width, layer.AttentionNorm, normal);
        layer.GateUp.Multiply(normal, rows, projected);
        for (int r = 0; r < rows; r++)
        {
            float* gate = projected + (long)r * 2 * size, up = gate + size, to = inner + (long)r * size;
            for (int i = 0; i < size; i += Lanes)
            {
                Vector<float> g = Vector.Load(gate + i);
                Vector.Store(g / (Vector<float>.One + Vector.Exp(-g)) * Vector.Load(up + i), to + i);
            }
        }
        layer.Down.Multiply(inner, rows, normal);
        Add(normal, x, rows * width);
    }

    /// <summary>As <see cref="RmsNorm"/>, of several rows; in place if both are the same.</summary>
    private void Norm(float* from, int rows, int size, float* weight, float* to)
    {
        for (int r = 0; r < rows; r++, from += size, to += size)
        {
            Vector<float> squares = default;
            for (int i = 0; i < size; i += Lanes)
            {
                Vector<float> v = Vector.Load(from + i);
                squares = Vector.MultiplyAddEstimate(v, v, squares);
            }
            var scale = new Vector<float>(1 / MathF.Sqrt(Vector.Sum(squares) / size + (float)config.NormEpsilon));
            for (int i = 0; i < size; i += Lanes) Vector.Store(Vector.Load(from + i) * scale * Vector.Load(weight + i), to + i);
        }
    }

    /// <summary>As <see cref="RotaryEmbedding.Rotate"/>, of one head in place.</summary>
    private void Rotate(float* head, float* cosines, float* sines)
    {
        int half = rotated / 2;
        for (int i = 0; i < half; i += Lanes)
        {
            Vector<float> a = Vector.Load(head + i), b = Vector.Load(head + half + i), cos = Vector.Load(cosines + i), sin = Vector.Load(sines + i); // both halves hold the same angles
            Vector.Store(a * cos - b * sin, head + i);
            Vector.Store(b * cos + a * sin, head + half + i);
        }
    }

    private static void Add(float* what, float* to, int count)
    {
        for (int i = 0; i < count; i += Lanes) Vector.Store(Vector.Load(to + i) + Vector.Load(what + i), to + i);
    }

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

    public void Dispose()
    {
        foreach (CpuLayer layer in layers) layer.Dispose();
        output?.Dispose();
        attention.Dispose();
        HostMemory.Free(scratch);
        scratch = null;
    }
}
