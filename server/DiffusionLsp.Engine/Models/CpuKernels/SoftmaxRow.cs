using System.Numerics;
using System.Runtime.CompilerServices;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>The softmax of one row of scores.</summary>
internal static unsafe class SoftmaxRow
{
    private static readonly int Lanes = Vector<float>.Count;

    /// <summary>Turns scores into probabilities in place; those from <paramref name="visible"/> on become 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* x, int visible, int count)
    {
        int padded = (count + Lanes - 1) / Lanes * Lanes;
        for (int i = Math.Min(visible, count); i < padded; i++) x[i] = float.NegativeInfinity;
        Vector<float> most = new(float.NegativeInfinity), sum = default;
        for (int i = 0; i < padded; i += Lanes) most = Vector.Max(most, Vector.Load(x + i));
        float maximum = most[0];
        for (int i = 1; i < Lanes; i++) maximum = MathF.Max(maximum, most[i]);
        var top = new Vector<float>(maximum);
        for (int i = 0; i < padded; i += Lanes)
        {
            Vector<float> e = Vector.Exp(Vector.Load(x + i) - top);
            Vector.Store(e, x + i);
            sum += e;
        }
        var share = new Vector<float>(1 / Vector.Sum(sum));
        for (int i = 0; i < padded; i += Lanes) Vector.Store(Vector.Load(x + i) * share, x + i);
    }
}
