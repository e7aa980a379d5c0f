using System.Numerics;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>
/// The forward of <see cref="Transformer"/> over a K/V cache on a CPU, for the few rows of a decode step and the many of a prompt: the
/// same arithmetic in float32, on bfloat16 weights, without an operator call per product. Many rows are shared among threads. What
/// it cannot take, it leaves to libtorch. One caller at a time.
/// </summary>
/// <remarks>Its place is small models on a CPU. A row's numbers are the same to the last bit in whatever company it is fed.</remarks>
internal sealed unsafe class CpuTransformer : IDisposable
{
    private const int FewRows = 48; // below this, waking a second thread costs more than it computes
    private const int WorthPanels = 8; // from here on keys and values pay for being turned into panels
    private const int PartRows = 96; // whose working memory stays in a core's cache
    private const long MostParameters = 256_000_000; // the packed copy takes half as much memory again
    private static readonly int Lanes = Vector<float>.Count;

    private readonly ModelConfig config;
    private readonly Tensor embedding, finalNorm;
    private readonly List<CpuLayer> layers = [];
    private readonly List<CpuScratch> scratch = []; // one per thread
    private PackedMatrix? output;
    private readonly int width, heads, fused, rotated;
    private readonly float* cosines, sines; // (MaxPositions, rotated), the rotary table's own
    private float* x, query; // (room, D) the residual stream; (room, fused) queries, with keys and values beside them
    private int room; // rows
    private int panel; // numbers of the largest matrix's

    private CpuTransformer(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights, RotaryEmbedding rotary)
    {
        this.config = config;
        (IntPtr cosineTable, IntPtr sineTable) = rotary.InHostMemory();
        cosines = (float*)cosineTable;
        sines = (float*)sineTable;
        rotated = config.RotarySize ?? config.HeadSize;
        (embedding, finalNorm) = (weights[ParameterTable.Embedding], weights[ParameterTable.FinalNorm]);
        width = config.HiddenSize;
        heads = config.Heads * config.HeadSize;
        fused = heads + 2 * config.KeyValueHeads * config.HeadSize;
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
        if (output is null) return false;
        panel = layers.SelectMany(layer => layer.Packed).Append(output).Max(matrix => matrix.PanelSize);
        return true;
    }

    /// <inheritdoc cref="Transformer.Forward"/>
    /// <returns>(1, T, D); null: this forward is not one over a cache in the host's memory.</returns>
    public Tensor? TryForward(Tensor ids, Tensor positions, AttentionScope scope)
    {
        if (ids.shape is not [1, > 0] || scope is not { Cache: { Arena.IsInHostMemory: true } cache, CausalRows: 0 }) return null;
        int rows = (int)ids.shape[1];
        if (cache.First + rows > cache.Seen) return null;
        if (!IsIndex(ids) || !IsIndex(positions) || positions.shape[0] != rows || scope.Mask is { dtype: not ScalarType.Bool }) return null;
        if (scope.Mask is null ? scope.Causal : !scope.Mask.is_contiguous() || !scope.Mask.shape.SequenceEqual([rows, cache.Seen])) return null;
        long* id = HostMemory.Of<long>(ids), position = HostMemory.Of<long>(positions);
        using var ends = new PinnedNumbers(scope.Limits);
        VisibleRows visible = scope.Limits is not null ? VisibleRows.UpTo(ends.First) : VisibleRows.Masked(scope.Mask is null ? null : HostMemory.Of<byte>(scope.Mask));
        MakeRoom(rows, scope.Threads);
        float* table = HostMemory.Of<float>(embedding);
        for (int r = 0; r < rows; r++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)id[r], (ulong)config.VocabularySize, nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)position[r], (ulong)config.MaxPositions, nameof(positions));
            Copy(table + id[r] * width, x + (long)r * width, width);
        }
        for (int i = 0; i < layers.Count; i++)
        {
            CpuLayer layer = layers[i];
            HostRows kept = cache.HostRows(i);
            scope.Cancellation.ThrowIfCancellationRequested();
            InParts(rows, scope.Threads, (from, count, own) => Project(layer, from, count, position, kept, cache.First, own));
            scope.Cancellation.ThrowIfCancellationRequested(); // a long prompt's layer takes as long as a whole later step
            InParts(rows, scope.Threads, (from, count, own) =>
            {
                Attend(layer, from, count, kept, cache.Seen, visible.From(from, cache.Seen), own);
                FeedForward(layer, from, count, own);
            });
        }
        var hidden = empty([1, rows, width]); // (1, T, D)
        Norm(x, rows, width, HostMemory.Of<float>(finalNorm), HostMemory.Of<float>(hidden));
        return hidden;
    }

    /// <inheritdoc cref="Transformer.Logits"/>
    /// <returns>Null: these are no rows in the host's memory.</returns>
    public Tensor? TryLogits(Tensor hidden)
    {
        if (hidden.shape is not [> 0, _] || !HostMemory.IsPlain(hidden)) return null;
        var logits = empty([hidden.shape[0], config.VocabularySize]); // (T, V)
        MakeRoom(1, 1);
        output!.Multiply(HostMemory.Of<float>(hidden), (int)hidden.shape[0], HostMemory.Of<float>(logits), scratch[0].Panel);
        return logits;
    }

    /// <summary>Work on rows in parts, each with working memory of its own; on this thread alone if they are few.</summary>
    private void InParts(int rows, int threads, Action<int, int, CpuScratch> work)
    {
        int together = rows < FewRows ? 1 : threads, parts = Math.Max(together, (rows + PartRows - 1) / PartRows);
        parts = (parts + together - 1) / together * together; // the last round of parts keeps every thread busy
        int next = parts;
        void Take(int thread)
        {
            // The last rows first: they see most, so their parts take longest.
            for (int part; (part = Interlocked.Decrement(ref next)) >= 0;)
            {
                int from = (int)((long)rows * part / parts), to = (int)((long)rows * (part + 1) / parts);
                if (to > from) work(from, to - from, scratch[thread]);
            }
        }
        if (together == 1) Take(0);
        else Parallel.For(0, together, new ParallelOptions { MaxDegreeOfParallelism = together }, Take);
    }

    private void MakeRoom(int rows, int threads)
    {
        while (scratch.Count < threads) scratch.Add(new CpuScratch(config, PartRows, Math.Max(fused, 2 * config.IntermediateSize), panel));
        if (rows <= room) return;
        HostMemory.Free(x);
        x = null;
        room = (rows + 127) / 128 * 128;
        x = HostMemory.Allocate<float>((long)room * (width + fused));
        query = x + (long)room * width;
    }

    private static bool IsIndex(Tensor tensor) => tensor.dtype is ScalarType.Int64 && tensor.is_contiguous() && tensor.device.type is TorchSharp.DeviceType.CPU;

    /// <summary>Queries, keys and values of some rows, rotated; keys and values go into the cache.</summary>
    private void Project(CpuLayer layer, int from, int count, long* position, HostRows cache, int cached, CpuScratch own)
    {
        int size = config.HeadSize, keyHeads = config.KeyValueHeads;
        float* projected = query + (long)from * fused;
        Norm(x + (long)from * width, count, width, layer.InputNorm, own.Normal);
        layer.QueryKeyValue.Multiply(own.Normal, count, projected, own.Panel);
        for (int r = 0; r < count; r++)
        {
            float* row = projected + (long)r * fused, keys = row + heads, values = keys + keyHeads * size;
            if (layer.Bias != null) Add(layer.Bias, row, fused);
            if (layer.QueryNorm != null) Norm(row, config.Heads, size, layer.QueryNorm, row);
            if (layer.KeyNorm != null) Norm(keys, keyHeads, size, layer.KeyNorm, keys);
            long angles = position[from + r] * rotated;
            for (int head = 0; head < config.Heads + keyHeads; head++) Rotate(row + head * size, cosines + angles, sines + angles);
            for (int head = 0; head < keyHeads; head++)
            {
                long slot = head * cache.HeadStride + (long)(cached + from + r) * size;
                Copy(keys + head * size, cache.Keys + slot, size);
                Copy(values + head * size, cache.Values + slot, size);
            }
        }
    }

    /// <summary>x ← x + output · attention, of some rows.</summary>
    private void Attend(CpuLayer layer, int from, int count, HostRows cache, int seen, VisibleRows visible, CpuScratch own)
    {
        float* queries = query + (long)from * fused;
        if (count < WorthPanels) own.Attention.Apply(queries, fused, count, cache, seen, visible, own.Mixed);
        else own.Prompt.Apply(queries, fused, count, cache, seen, visible, own.Mixed);
        layer.AttentionOutput.Multiply(own.Mixed, count, own.Normal, own.Panel);
        Add(own.Normal, x + (long)from * width, count * width);
    }

    /// <summary>x ← x + down · (silu(gate · n) ⊙ up · n), where n is the norm of x, of some rows.</summary>
    private void FeedForward(CpuLayer layer, int from, int count, CpuScratch own)
    {
        int size = config.IntermediateSize;
        float* rows = x + (long)from * width;
        Norm(rows, count, width, layer.AttentionNorm, own.Normal);
        layer.GateUp.Multiply(own.Normal, count, own.Projected, own.Panel);
        for (int r = 0; r < count; r++)
        {
            float* gate = own.Projected + (long)r * 2 * size, up = gate + size, to = own.Inner + (long)r * size;
            for (int i = 0; i < size; i += Lanes)
            {
                Vector<float> g = Vector.Load(gate + i);
                Vector.Store(g / (Vector<float>.One + Vector.Exp(-g)) * Vector.Load(up + i), to + i);
            }
        }
        layer.Down.Multiply(own.Inner, count, own.Normal, own.Panel);
        Add(own.Normal, rows, count * width);
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
        foreach (CpuScratch own in scratch) own.Dispose();
        HostMemory.Free(x);
        x = null;
    }
}
