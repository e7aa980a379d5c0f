using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Layers;

/// <summary>
/// Rotary position embedding in the half-split layout of Llama, Qwen and LLaDA: dimension i is rotated with i + d/2.
/// Holds the cosines and sines of one model; knows nothing of caches.
/// </summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly double[] frequencies; // (r/2) radians per position
    private readonly Tensor cosines, sines; // (positions, r): both halves hold the same r/2 angles, the first half of the sines negated

    public RotaryEmbedding(ModelConfig config, Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        // Angles in float64: theta^(-2i/d) · position is inexact in float32 at long contexts. Computed on the host, where no Scalar is needed.
        frequencies = Frequencies(config);
        var inverse = tensor(frequencies);
        var angles = outer(tensor(Enumerable.Range(0, config.MaxPositions).Select(p => (double)p).ToArray()), inverse); // (positions, r/2)
        cosines = cat([angles, angles], dim: -1).cos().to(dtype, device).MoveToOuterDisposeScope();
        sines = cat([-angles, angles], dim: -1).sin().to(dtype, device).MoveToOuterDisposeScope();
        cosines.DetachFromDisposeScope();
        sines.DetachFromDisposeScope();
    }

    /// <summary>(positions, r): both halves hold the same r/2 angles.</summary>
    public Tensor Cosines => cosines;

    /// <summary>(positions, r): like the cosines, but with the first half negated.</summary>
    public Tensor Sines => sines;

    /// <summary>Cosines and signed sines of the given positions, each (T, 1, r), shared by all heads; r is the number of rotated dimensions.</summary>
    /// <param name="positions">(T) int64</param>
    public (Tensor Cos, Tensor Sin) At(Tensor positions) => (cosines.index_select(0, positions).unsqueeze(1), sines.index_select(0, positions).unsqueeze(1));

    /// <summary>Radians per position of each pair of dimensions (r/2).</summary>
    public static double[] Frequencies(ModelConfig config)
    {
        int size = config.RotarySize ?? config.HeadSize;
        return [.. Enumerable.Range(0, size / 2).Select(i => Math.Pow(config.RopeTheta, -2.0 * i / size))];
    }

    /// <summary>Rotates the first r dimensions of queries and keys; the others are unchanged.</summary>
    /// <param name="x">(B, T, heads, d)</param>
    /// <param name="at">Cosines and signed sines, broadcastable to x.</param>
    public static Tensor Rotate(Tensor x, (Tensor Cos, Tensor Sin) at)
    {
        long rotated = at.Cos.shape[^1], size = x.shape[^1];
        if (rotated < size) return cat([Rotate(x.narrow(-1, 0, rotated), at), x.narrow(-1, rotated, size - rotated)], dim: -1);
        using var swapped = x.roll(size / 2, -1); // swaps the halves
        using var straight = x * at.Cos;
        return straight.PlusProduct(swapped, at.Sin);
    }

    /// <summary>Rotates keys, which are rotated already, by a further number of positions, in float32; the first r dimensions, as <see cref="Rotate"/>.</summary>
    /// <param name="x">(…, d)</param>
    /// <param name="by">May be negative.</param>
    /// <returns>(…, d), of the same type</returns>
    public Tensor Turned(Tensor x, int by)
    {
        using var scope = NewDisposeScope();
        Tensor Both(Func<double, double> of) => tensor(frequencies.Select(f => -f).Concat(frequencies).Select(f => (float)of(f * by)).ToArray(), device: x.device); // (r)
        return Rotate(x.to(ScalarType.Float32), (Both(Math.Cos), Both(Math.Sin))).to(x.dtype).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        cosines.Dispose();
        sines.Dispose();
    }
}
