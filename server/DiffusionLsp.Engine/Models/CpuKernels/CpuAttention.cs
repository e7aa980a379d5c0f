using System.Numerics;
using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Softmax attention of a few query rows over cached keys and values, on a CPU. It writes to no cache.</summary>
internal sealed unsafe class CpuAttention : IDisposable
{
    private const int Together = 4; // queries that share each key and value while it is in a register
    private static readonly int Lanes = Vector<float>.Count;

    private readonly int heads, keyHeads, size;
    private float* scores; // (Together, capacity)
    private int capacity;

    public CpuAttention(ModelConfig config) => (heads, keyHeads, size) = (config.Heads, config.KeyValueHeads, config.HeadSize);

    /// <param name="query">(T, stride), each row starting with its heads, one after another.</param>
    /// <param name="count">Query rows (T).</param>
    /// <param name="rows">Keys and values, including those of the query rows.</param>
    /// <param name="seen">Number of key rows (S).</param>
    /// <param name="visible">Which key rows each query row sees.</param>
    /// <param name="result">(T, H · d)</param>
    public void Apply(float* query, int stride, int count, HostRows rows, int seen, VisibleRows visible, float* result)
    {
        Grow(seen);
        int times = heads / keyHeads, queries = times * count;
        float** from = stackalloc float*[Together];
        float** to = stackalloc float*[Together];
        for (int head = 0; head < keyHeads; head++)
        {
            float* keys = rows.Keys + head * rows.HeadStride, values = rows.Values + head * rows.HeadStride;
            for (int first = 0; first < queries; first += Together)
            {
                int some = Math.Min(Together, queries - first), end = 0;
                for (int row = first / times; row <= (first + some - 1) / times; row++) end = Math.Max(end, visible.End(row, seen));
                for (int i = 0; i < Together; i++)
                {
                    int q = first + Math.Min(i, some - 1), row = q / times, at = head * times + q % times; // an incomplete group repeats its last query
                    from[i] = query + (long)row * stride + at * size;
                    to[i] = result + ((long)row * heads + at) * size;
                }
                Scores(from, keys, end);
                for (int i = 0; i < Together; i++)
                {
                    int row = (first + Math.Min(i, some - 1)) / times;
                    SoftmaxRow.Apply(scores + (long)i * capacity, visible.End(row, end), end);
                }
                Mix(values, end, to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scores(float** query, float* keys, int seen)
    {
        float* q0 = query[0], q1 = query[1], q2 = query[2], q3 = query[3];
        float* s0 = scores, s1 = s0 + capacity, s2 = s1 + capacity, s3 = s2 + capacity;
        float scale = 1 / MathF.Sqrt(size);
        for (int s = 0; s < seen; s++, keys += size)
        {
            Vector<float> a0 = default, a1 = default, a2 = default, a3 = default;
            for (int i = 0; i < size; i += Vector<float>.Count)
            {
                Vector<float> key = Vector.Load(keys + i);
                a0 = Vector.MultiplyAddEstimate(key, Vector.Load(q0 + i), a0);
                a1 = Vector.MultiplyAddEstimate(key, Vector.Load(q1 + i), a1);
                a2 = Vector.MultiplyAddEstimate(key, Vector.Load(q2 + i), a2);
                a3 = Vector.MultiplyAddEstimate(key, Vector.Load(q3 + i), a3);
            }
            s0[s] = Vector.Sum(a0) * scale;
            s1[s] = Vector.Sum(a1) * scale;
            s2[s] = Vector.Sum(a2) * scale;
            s3[s] = Vector.Sum(a3) * scale;
        }
    }

    /// <summary>The weighted means of the values for four queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Mix(float* values, int seen, float** result)
    {
        int lanes = Vector<float>.Count;
        float* end = scores + seen;
        for (int i = 0; i < size; i += 2 * lanes)
        {
            int next = Math.Min(i + lanes, size - lanes); // with an odd number of vectors the last is computed twice
            Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            float* value = values;
            for (float* s = scores; s < end; s++, value += size)
            {
                Vector<float> a = Vector.Load(value + i), b = Vector.Load(value + next);
                var share = new Vector<float>(*s);
                a0 = Vector.MultiplyAddEstimate(share, a, a0);
                b0 = Vector.MultiplyAddEstimate(share, b, b0);
                share = new Vector<float>(s[capacity]);
                a1 = Vector.MultiplyAddEstimate(share, a, a1);
                b1 = Vector.MultiplyAddEstimate(share, b, b1);
                share = new Vector<float>(s[2 * capacity]);
                a2 = Vector.MultiplyAddEstimate(share, a, a2);
                b2 = Vector.MultiplyAddEstimate(share, b, b2);
                share = new Vector<float>(s[3 * capacity]);
                a3 = Vector.MultiplyAddEstimate(share, a, a3);
                b3 = Vector.MultiplyAddEstimate(share, b, b3);
            }
            Store(a0, b0, result[0] + i, result[0] + next);
            Store(a1, b1, result[1] + i, result[1] + next);
            Store(a2, b2, result[2] + i, result[2] + next);
            Store(a3, b3, result[3] + i, result[3] + next);
        }
    }

    private static void Store(Vector<float> a, Vector<float> b, float* first, float* second)
    {
        Vector.Store(a, first);
        Vector.Store(b, second);
    }

    private void Grow(int seen)
    {
        if (seen + Lanes <= capacity) return;
        int larger = (seen + Lanes + 511) / 512 * 512;
        float* room = HostMemory.Allocate<float>((long)Together * larger);
        HostMemory.Free(scores);
        scores = room;
        capacity = larger;
    }

    public void Dispose()
    {
        HostMemory.Free(scores);
        scores = null;
    }
}
