using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>
/// Products of many rows with a few dozen outputs whose weights are widened in a cache. Each result is a sum over the inputs in order, so
/// it is bit-identical to that of the kernels for few rows, whichever rows it is batched with.
/// </summary>
internal static unsafe class PanelProduct
{
    /// <summary>Outputs per panel: 512-bit registers hold the sums of six rows by four vectors; narrower ones those of six by two.</summary>
    public static readonly int Width = Vector512.IsHardwareAccelerated ? 64 : 2 * Vector<float>.Count;

    /// <summary>y = x · panel.</summary>
    /// <param name="x">(rows, stride), of which the first inputs are used</param>
    /// <param name="panel">(inputs, <see cref="Width"/>)</param>
    /// <param name="y">Receives the outputs, from the first row on.</param>
    /// <param name="outputs">Distance between rows of y, in numbers.</param>
    public static void Multiply(float* x, int rows, int stride, int inputs, float* panel, float* y, int outputs)
    {
        int row = 0;
        for (; row + 6 <= rows; row += 6)
        {
            if (Vector512.IsHardwareAccelerated) SixWide(x + (long)row * stride, stride, inputs, panel, y + (long)row * outputs, outputs);
            else Six(x + (long)row * stride, stride, inputs, panel, y + (long)row * outputs, outputs);
        }
        for (; row < rows; row++)
        {
            if (Vector512.IsHardwareAccelerated) OneWide(x + (long)row * stride, inputs, panel, y + (long)row * outputs);
            else One(x + (long)row * stride, inputs, panel, y + (long)row * outputs);
        }
    }

    /// <summary>Six rows, four 512-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixWide(float* x, int stride, int inputs, float* w, float* y, int outputs)
    {
        float* x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride, x4 = x3 + stride, x5 = x4 + stride, end = x + inputs;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        Vector512<float> e0 = default, e1 = default, e2 = default, e3 = default, f0 = default, f1 = default, f2 = default, f3 = default;
        for (; x < end; x++, x1++, x2++, x3++, x4++, x5++, w += 64)
        {
            Vector512<float> w0 = Vector512.Load(w), w1 = Vector512.Load(w + 16), w2 = Vector512.Load(w + 32), w3 = Vector512.Load(w + 48);
            Vector512<float> r = Vector512.Create(*x);
            (a0, a1, a2, a3) = (Vector512.FusedMultiplyAdd(w0, r, a0), Vector512.FusedMultiplyAdd(w1, r, a1), Vector512.FusedMultiplyAdd(w2, r, a2), Vector512.FusedMultiplyAdd(w3, r, a3));
            r = Vector512.Create(*x1);
            (b0, b1, b2, b3) = (Vector512.FusedMultiplyAdd(w0, r, b0), Vector512.FusedMultiplyAdd(w1, r, b1), Vector512.FusedMultiplyAdd(w2, r, b2), Vector512.FusedMultiplyAdd(w3, r, b3));
            r = Vector512.Create(*x2);
            (c0, c1, c2, c3) = (Vector512.FusedMultiplyAdd(w0, r, c0), Vector512.FusedMultiplyAdd(w1, r, c1), Vector512.FusedMultiplyAdd(w2, r, c2), Vector512.FusedMultiplyAdd(w3, r, c3));
            r = Vector512.Create(*x3);
            (d0, d1, d2, d3) = (Vector512.FusedMultiplyAdd(w0, r, d0), Vector512.FusedMultiplyAdd(w1, r, d1), Vector512.FusedMultiplyAdd(w2, r, d2), Vector512.FusedMultiplyAdd(w3, r, d3));
            r = Vector512.Create(*x4);
            (e0, e1, e2, e3) = (Vector512.FusedMultiplyAdd(w0, r, e0), Vector512.FusedMultiplyAdd(w1, r, e1), Vector512.FusedMultiplyAdd(w2, r, e2), Vector512.FusedMultiplyAdd(w3, r, e3));
            r = Vector512.Create(*x5);
            (f0, f1, f2, f3) = (Vector512.FusedMultiplyAdd(w0, r, f0), Vector512.FusedMultiplyAdd(w1, r, f1), Vector512.FusedMultiplyAdd(w2, r, f2), Vector512.FusedMultiplyAdd(w3, r, f3));
        }
        Store(a0, a1, a2, a3, y);
        Store(b0, b1, b2, b3, y += outputs);
        Store(c0, c1, c2, c3, y += outputs);
        Store(d0, d1, d2, d3, y += outputs);
        Store(e0, e1, e2, e3, y += outputs);
        Store(f0, f1, f2, f3, y + outputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneWide(float* x, int inputs, float* w, float* y)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        for (float* end = x + inputs; x < end; x++, w += 64)
        {
            Vector512<float> r = Vector512.Create(*x);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Load(w), r, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Load(w + 16), r, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Load(w + 32), r, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Load(w + 48), r, a3);
        }
        Store(a0, a1, a2, a3, y);
    }

    /// <summary>Six rows, two vectors of the machine's width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Six(float* x, int stride, int inputs, float* w, float* y, int outputs)
    {
        int lanes = Vector<float>.Count;
        float* x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride, x4 = x3 + stride, x5 = x4 + stride, end = x + inputs;
        Vector<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector<float> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        for (; x < end; x++, x1++, x2++, x3++, x4++, x5++, w += 2 * lanes)
        {
            Vector<float> w0 = Vector.Load(w), w1 = Vector.Load(w + lanes);
            var r = new Vector<float>(*x);
            (a0, a1) = (Vector.MultiplyAddEstimate(w0, r, a0), Vector.MultiplyAddEstimate(w1, r, a1));
            r = new Vector<float>(*x1);
            (b0, b1) = (Vector.MultiplyAddEstimate(w0, r, b0), Vector.MultiplyAddEstimate(w1, r, b1));
            r = new Vector<float>(*x2);
            (c0, c1) = (Vector.MultiplyAddEstimate(w0, r, c0), Vector.MultiplyAddEstimate(w1, r, c1));
            r = new Vector<float>(*x3);
            (d0, d1) = (Vector.MultiplyAddEstimate(w0, r, d0), Vector.MultiplyAddEstimate(w1, r, d1));
            r = new Vector<float>(*x4);
            (e0, e1) = (Vector.MultiplyAddEstimate(w0, r, e0), Vector.MultiplyAddEstimate(w1, r, e1));
            r = new Vector<float>(*x5);
            (f0, f1) = (Vector.MultiplyAddEstimate(w0, r, f0), Vector.MultiplyAddEstimate(w1, r, f1));
        }
        Store(a0, a1, y);
        Store(b0, b1, y += outputs);
        Store(c0, c1, y += outputs);
        Store(d0, d1, y += outputs);
        Store(e0, e1, y += outputs);
        Store(f0, f1, y + outputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(float* x, int inputs, float* w, float* y)
    {
        int lanes = Vector<float>.Count;
        Vector<float> a0 = default, a1 = default;
        for (float* end = x + inputs; x < end; x++, w += 2 * lanes)
        {
            var r = new Vector<float>(*x);
            a0 = Vector.MultiplyAddEstimate(Vector.Load(w), r, a0);
            a1 = Vector.MultiplyAddEstimate(Vector.Load(w + lanes), r, a1);
        }
        Store(a0, a1, y);
    }

    private static void Store(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* y)
    {
        Vector512.Store(a, y);
        Vector512.Store(b, y + 16);
        Vector512.Store(c, y + 32);
        Vector512.Store(d, y + 48);
    }

    private static void Store(Vector<float> a, Vector<float> b, float* y)
    {
        Vector.Store(a, y);
        Vector.Store(b, y + Vector<float>.Count);
    }
}
