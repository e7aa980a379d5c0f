using System.Numerics;
using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Arithmetic on one distribution over the vocabulary, (V) float32 in host memory. Ties go to the lowest id.</summary>
internal static class TokenDistribution
{
    private const float LeastLogarithm = -1e4f; // finite, because 0 · −∞ is NaN

    /// <summary>Scores to probabilities.</summary>
    /// <param name="additions">(V): 0, or −∞ for excluded tokens; at least one is 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(ReadOnlySpan<float> scores, ReadOnlySpan<float> additions, Span<float> probability)
    {
        int lanes = Vector<float>.Count, i = 0;
        var most = new Vector<float>(float.NegativeInfinity);
        float maximum = float.NegativeInfinity;
        for (; i + lanes <= scores.Length; i += lanes)
        {
            Vector<float> score = new Vector<float>(scores[i..]) + new Vector<float>(additions[i..]);
            score.CopyTo(probability[i..]);
            most = Vector.Max(most, score);
        }
        for (int lane = 0; lane < lanes; lane++) maximum = MathF.Max(maximum, most[lane]);
        for (; i < scores.Length; i++) maximum = MathF.Max(maximum, probability[i] = scores[i] + additions[i]);

        Vector<float> sums = default;
        float sum = 0;
        for (i = 0; i + lanes <= scores.Length; i += lanes)
        {
            Vector<float> e = Vector.Exp(new Vector<float>(probability[i..]) - new Vector<float>(maximum));
            e.CopyTo(probability[i..]);
            sums += e;
        }
        for (; i < scores.Length; i++) sum += probability[i] = MathF.Exp(probability[i] - maximum);
        Scale(probability, 1 / (sum + Vector.Sum(sums)));
    }

    /// <summary>The most probable token, its probability, and the runner-up's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (int Id, float Top, float Second) TopTwo(ReadOnlySpan<float> probability)
    {
        (int id, float top, float second) = (0, float.NegativeInfinity, float.NegativeInfinity);
        int lanes = Vector<float>.Count;
        for (int i = 0; i < probability.Length;)
        {
            // Nearly all values are below the second, so they are skipped a vector at a time.
            if (i + lanes <= probability.Length && Vector.LessThanOrEqualAll(new Vector<float>(probability[i..]), new Vector<float>(second)))
            {
                i += lanes;
                continue;
            }
            for (int end = Math.Min(i + lanes, probability.Length); i < end; i++)
            {
                float value = probability[i];
                if (value > top) (id, top, second) = (i, value, top);
                else if (value > second) second = value;
            }
        }
        return (id, top, second);
    }

    /// <summary>The highest-scoring token among the allowed ones.</summary>
    /// <param name="additions">As for <see cref="Softmax"/>.</param>
    public static int Likeliest(ReadOnlySpan<float> scores, ReadOnlySpan<float> additions)
    {
        (int id, float top) = (0, float.NegativeInfinity);
        for (int i = 0; i < scores.Length; i++)
            if (scores[i] + additions[i] > top) (id, top) = (i, scores[i] + additions[i]);
        return id;
    }

    /// <summary>Entropy in nats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Entropy(ReadOnlySpan<float> probability)
    {
        int lanes = Vector<float>.Count, i = 0;
        Vector<float> sums = default;
        float sum = 0;
        for (; i + lanes <= probability.Length; i += lanes)
        {
            var p = new Vector<float>(probability[i..]);
            sums += p * Vector.Max(Vector.Log(p), new Vector<float>(LeastLogarithm));
        }
        for (; i < probability.Length; i++) sum += probability[i] * MathF.Max(MathF.Log(probability[i]), LeastLogarithm);
        return -(sum + Vector.Sum(sums));
    }

    /// <summary>p ← max(log p, −10,000).</summary>
    public static void Logarithm(Span<float> probability)
    {
        for (int i = 0; i < probability.Length; i++) probability[i] = MathF.Max(MathF.Log(probability[i]), LeastLogarithm);
    }

    /// <summary>p ← (1 − λ) · p + λ · q.</summary>
    public static void Mix(Span<float> probability, NgramPrediction prediction)
    {
        Scale(probability, (float)(1 - prediction.Weight));
        foreach ((int token, double share) in prediction.Tokens) probability[token] += (float)(share * prediction.Weight);
    }

    /// <summary>weight · a + (1 − weight) · b.</summary>
    public static void Weighted(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> to)
    {
        for (int i = 0; i < to.Length; i++) to[i] = weight * a[i] + (1 - weight) * b[i];
    }

    /// <summary>
    /// A sample (Gumbel-max). Its noise depends only on seed and position: a position keeps it between steps and in any batch, and two
    /// distributions over it are sampled with shared noise (the coupling of APD).
    /// </summary>
    /// <param name="temperature">Above 0.</param>
    public static int Drawn(ReadOnlySpan<float> probability, double temperature, int seed, int position)
    {
        (int id, double best) = (0, double.NegativeInfinity);
        ulong stream = Mixed(Mixed((uint)seed) + (uint)position);
        for (int i = 0; i < probability.Length; i++)
        {
            if (probability[i] == 0) continue;
            double uniform = ((Mixed(stream + (ulong)i) >> 11) + 0.5) * (1.0 / (1L << 53)); // above 0 and below 1
            double value = Math.Log(probability[i]) / temperature - Math.Log(-Math.Log(uniform));
            if (value > best) (id, best) = (i, value);
        }
        return id;
    }

    /// <summary>One step of SplitMix64 (Steele, Lea, Flood 2014), which maps neighbouring numbers to unrelated ones.</summary>
    private static ulong Mixed(ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
        return state ^ (state >> 31);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(Span<float> numbers, float by)
    {
        int lanes = Vector<float>.Count, i = 0;
        for (; i + lanes <= numbers.Length; i += lanes) (new Vector<float>(numbers[i..]) * by).CopyTo(numbers[i..]);
        for (; i < numbers.Length; i++) numbers[i] *= by;
    }
}
