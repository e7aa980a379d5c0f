using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>
/// Softmax attention of many query rows over cached keys and values, on a CPU, as two products per key head: scores, with keys repacked
/// into panels once for all queries, and the weighted means of the values. It writes to no cache.
/// </summary>
internal sealed unsafe class PromptAttention : IDisposable
{
    private const int Block = 24; // queries that are scored against the same number of keys; four times the six rows of a product

    private readonly int heads, keyHeads, size;
    private float* memory;
    private long capacity;

    public PromptAttention(ModelConfig config) => (heads, keyHeads, size) = (config.Heads, config.KeyValueHeads, config.HeadSize);

    /// <inheritdoc cref="CpuAttention.Apply"/>
    public void Apply(float* query, int stride, int count, HostRows rows, int seen, VisibleRows visible, float* result)
    {
        int width = PanelProduct.Width, times = heads / keyHeads, queries = times * count, end = 0;
        for (int row = 0; row < count; row++) end = Math.Max(end, visible.End(row, seen));
        int keys = (end + width - 1) / width * width, columns = (size + width - 1) / width * width;
        float* own = Room((long)queries * size + (long)queries * keys + (long)queries * columns + (long)width * Math.Max(keys, size));
        float* scores = own + (long)queries * size, mixed = scores + (long)queries * keys, panel = mixed + (long)queries * columns;
        for (int head = 0; head < keyHeads; head++)
        {
            Gather(query, stride, count, head * times, times, own);
            Scores(own, count, times, rows.Keys + head * rows.HeadStride, end, keys, visible, seen, panel, scores);
            for (int q = 0; q < queries; q++)
            {
                int row = q / times, limit = visible.End(row, seen);
                // Scores after the block's last key were not computed.
                SoftmaxRow.Apply(scores + (long)q * keys, limit, Keys(q - q % Block, queries, times, visible, seen, width));
            }
            Mix(scores, queries, times, rows.Values + head * rows.HeadStride, end, keys, visible, seen, panel, mixed);
            for (int q = 0; q < queries; q++)
                new ReadOnlySpan<float>(mixed + (long)q * columns, size).CopyTo(new Span<float>(result + ((long)(q / times) * heads + head * times + q % times) * size, size));
        }
    }

    /// <summary>Gathers the queries of some heads, row by row, scaled.</summary>
    private void Gather(float* query, int stride, int count, int firstHead, int times, float* to)
    {
        float scale = 1 / MathF.Sqrt(size);
        for (int row = 0; row < count; row++)
        {
            float* from = query + (long)row * stride + firstHead * size;
            for (int i = 0; i < times * size; i++) *to++ = from[i] * scale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scores(float* own, int count, int times, float* keyRows, int end, int keys, VisibleRows visible, int seen, float* panel, float* scores)
    {
        int width = PanelProduct.Width, queries = times * count;
        for (int first = 0; first < keys; first += width)
        {
            int some = Math.Min(width, end - first);
            for (int key = 0; key < width; key++)
            {
                float* from = keyRows + (long)(first + key) * size;
                for (int i = 0; i < size; i++) panel[(long)i * width + key] = key < some ? from[i] : 0;
            }
            for (int q = 0; q < queries; q += Block)
                if (Keys(q, queries, times, visible, seen, width) > first)
                    PanelProduct.Multiply(own + (long)q * size, Math.Min(Block, queries - q), size, size, panel, scores + (long)q * keys + first, keys);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Mix(float* scores, int queries, int times, float* valueRows, int end, int keys, VisibleRows visible, int seen, float* panel, float* mixed)
    {
        int width = PanelProduct.Width, columns = (size + width - 1) / width * width;
        for (int first = 0; first < size; first += width)
        {
            int some = Math.Min(width, size - first);
            for (int key = 0; key < keys; key++)
            {
                var to = new Span<float>(panel + (long)key * width, width);
                if (key < end) new ReadOnlySpan<float>(valueRows + (long)key * size + first, some).CopyTo(to);
                to[(key < end ? some : 0)..].Clear(); // 0 times uninitialised memory may be NaN
            }
            for (int q = 0; q < queries; q += Block)
                PanelProduct.Multiply(scores + (long)q * keys, Math.Min(Block, queries - q), keys, Keys(q, queries, times, visible, seen, width), panel, mixed + (long)q * columns + first, columns);
        }
    }

    /// <summary>Number of keys that a block's queries see, rounded up to whole panels.</summary>
    private static int Keys(int query, int queries, int times, VisibleRows visible, int seen, int width)
    {
        int most = 0;
        for (int row = query / times; row <= (Math.Min(query + Block, queries) - 1) / times; row++) most = Math.Max(most, visible.End(row, seen));
        return (most + width - 1) / width * width;
    }

    private float* Room(long numbers)
    {
        if (numbers <= capacity) return memory;
        HostMemory.Free(memory);
        memory = null;
        capacity = (numbers + 16_383) / 16_384 * 16_384;
        return memory = HostMemory.Allocate<float>(capacity);
    }

    public void Dispose()
    {
        HostMemory.Free(memory);
        memory = null;
        capacity = 0;
    }
}
