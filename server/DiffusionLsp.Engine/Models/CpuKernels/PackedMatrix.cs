using System.Numerics;
using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>
/// A weight matrix for products with a few rows on a CPU. It is stored in bfloat16, the type in which checkpoints are published,
/// to halve memory traffic, and widened in registers; products and sums are computed in float32. It accepts only matrices that
/// bfloat16 represents exactly.
/// </summary>
/// <remarks>
/// libtorch repacks a float32 matrix for every product with two rows or more. For the matrices of a model of 8 M parameters on
/// one AVX-512 core it takes 2.3, 3.2 and 3.8 ms with 1, 4 and 8 rows; this takes 0.3, 0.6 and 1.2 ms.
/// </remarks>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private static readonly int Lanes = Vector<float>.Count;
    private static readonly int Strip = 2 * Lanes; // outputs whose weights are interleaved

    private const int WorthWidening = 12; // rows from which widening the weights into a panel pays off

    private ushort* weights; // (Outputs / Strip, Inputs, Strip); within a strip lane i holds outputs i (low half) and i + Lanes (high half)

    private PackedMatrix(int outputs, int inputs)
    {
        (Outputs, Inputs) = (outputs, inputs);
        weights = HostMemory.Allocate<ushort>((long)outputs * inputs);
    }

    public int Outputs { get; }

    public int Inputs { get; }

    /// <summary>Packs a matrix.</summary>
    /// <param name="weight">(outputs, inputs)</param>
    /// <returns>Null: the outputs do not divide into strips, or bfloat16 cannot represent every number exactly.</returns>
    public static PackedMatrix? TryPack(float* weight, int outputs, int inputs)
    {
        if (outputs % Strip != 0) return null;
        var packed = new PackedMatrix(outputs, inputs);
        if (packed.Fill((uint*)weight)) return packed;
        packed.Dispose();
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Fill(uint* source)
    {
        uint lost = 0;
        ushort* to = weights;
        for (int output = 0; output < Outputs; output += Strip)
            for (int input = 0; input < Inputs; input++)
                for (int lane = 0; lane < Lanes; lane++)
                {
                    uint low = source[(long)(output + lane) * Inputs + input], high = source[(long)(output + Lanes + lane) * Inputs + input];
                    lost |= (low | high) & 0xFFFF;
                    *to++ = (ushort)(low >> 16);
                    *to++ = (ushort)(high >> 16);
                }
        return lost == 0;
    }

    /// <summary>Numbers of working memory that <see cref="Multiply"/> needs for the widened weights of some outputs.</summary>
    public int PanelSize => PanelProduct.Width * Inputs;

    /// <summary>y = x · Wᵀ.</summary>
    /// <param name="x">(rows, Inputs)</param>
    /// <param name="y">(rows, Outputs)</param>
    /// <param name="panel"><see cref="PanelSize"/> numbers of working memory; null: none, which makes many rows slower.</param>
    public void Multiply(float* x, int rows, float* y, float* panel = null)
    {
        if (rows < WorthWidening || panel == null || Outputs < PanelProduct.Width)
        {
            MultiplyFew(x, rows, y);
            return;
        }
        for (int output = 0; output < Outputs; output += PanelProduct.Width)
        {
            int from = Math.Min(output, Outputs - PanelProduct.Width); // the last panel may overlap the one before
            for (int strip = 0; strip < PanelProduct.Width; strip += Strip) Widen(StripOf(from + strip), panel + strip);
            PanelProduct.Multiply(x, rows, Inputs, Inputs, panel, y + from, Outputs);
        }
    }

    /// <summary>Widens one strip's weights into a panel.</summary>
    /// <param name="to">Receives its outputs' weights, from the first input on.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Widen(ushort* strip, float* to)
    {
        int lanes = Vector<float>.Count, width = PanelProduct.Width;
        var upper = new Vector<uint>(0xFFFF0000);
        for (ushort* end = strip + (long)Inputs * 2 * lanes; strip < end; strip += 2 * lanes, to += width)
        {
            Vector<uint> pair = Vector.Load((uint*)strip);
            Vector.Store(Vector.ShiftLeft(pair, 16), (uint*)to);
            Vector.Store(pair & upper, (uint*)(to + lanes));
        }
    }

    private void MultiplyFew(float* x, int rows, float* y)
    {
        int four = rows / 4 * 4, row = four;
        // Weights in the outer loop: each strip is read from memory once and stays in the L1 cache for all rows.
        for (int output = 0; output < Outputs; output += Strip)
            for (int first = 0; first < four; first += 4) FourRows(x + (long)first * Inputs, StripOf(output), y + (long)first * Outputs + output);
        for (; row + 2 <= rows; row += 2)
            for (int output = 0; output < Outputs; output += 2 * Strip) TwoRows(x + (long)row * Inputs, output, y + (long)row * Outputs);
        for (; row < rows; row++)
            for (int output = 0; output < Outputs; output += 4 * Strip) OneRow(x + (long)row * Inputs, output, y + (long)row * Outputs);
    }

    private ushort* StripOf(int output) => weights + (long)output * Inputs;

    // Each kernel keeps eight sums: an addition has a latency of four cycles, two can start per cycle, and 16 registers hold no more.

    /// <summary>Four rows, one strip.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FourRows(float* x, ushort* strip, float* y)
    {
        float* x1 = x + Inputs, x2 = x1 + Inputs, x3 = x2 + Inputs, end = x1;
        int lanes = Vector<float>.Count, outputs = Outputs;
        var upper = new Vector<uint>(0xFFFF0000);
        Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (; x < end; x++, x1++, x2++, x3++, strip += 2 * lanes)
        {
            Vector<uint> pair = Vector.Load((uint*)strip);
            Vector<float> low = Vector.ShiftLeft(pair, 16).As<uint, float>(), high = (pair & upper).As<uint, float>();
            var r = new Vector<float>(*x);
            a0 = Vector.MultiplyAddEstimate(low, r, a0);
            b0 = Vector.MultiplyAddEstimate(high, r, b0);
            r = new Vector<float>(*x1);
            a1 = Vector.MultiplyAddEstimate(low, r, a1);
            b1 = Vector.MultiplyAddEstimate(high, r, b1);
            r = new Vector<float>(*x2);
            a2 = Vector.MultiplyAddEstimate(low, r, a2);
            b2 = Vector.MultiplyAddEstimate(high, r, b2);
            r = new Vector<float>(*x3);
            a3 = Vector.MultiplyAddEstimate(low, r, a3);
            b3 = Vector.MultiplyAddEstimate(high, r, b3);
        }
        Store(a0, b0, y);
        Store(a1, b1, y += outputs);
        Store(a2, b2, y += outputs);
        Store(a3, b3, y + outputs);
    }

    /// <summary>Two rows, two strips.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TwoRows(float* x, int output, float* y)
    {
        int lanes = Vector<float>.Count;
        ushort* first = StripOf(output), second = StripOf(Math.Min(output + 2 * lanes, Outputs - 2 * lanes)); // the last strip may be computed twice
        float* x1 = x + Inputs, end = x1;
        var upper = new Vector<uint>(0xFFFF0000);
        Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (; x < end; x++, x1++, first += 2 * lanes, second += 2 * lanes)
        {
            Vector<float> r0 = new(*x), r1 = new(*x1);
            Vector<uint> pair = Vector.Load((uint*)first);
            Vector<float> low = Vector.ShiftLeft(pair, 16).As<uint, float>(), high = (pair & upper).As<uint, float>();
            a0 = Vector.MultiplyAddEstimate(low, r0, a0);
            b0 = Vector.MultiplyAddEstimate(high, r0, b0);
            a1 = Vector.MultiplyAddEstimate(low, r1, a1);
            b1 = Vector.MultiplyAddEstimate(high, r1, b1);
            pair = Vector.Load((uint*)second);
            (low, high) = (Vector.ShiftLeft(pair, 16).As<uint, float>(), (pair & upper).As<uint, float>());
            a2 = Vector.MultiplyAddEstimate(low, r0, a2);
            b2 = Vector.MultiplyAddEstimate(high, r0, b2);
            a3 = Vector.MultiplyAddEstimate(low, r1, a3);
            b3 = Vector.MultiplyAddEstimate(high, r1, b3);
        }
        float* to = y + output, toSecond = y + Math.Min(output + 2 * lanes, Outputs - 2 * lanes);
        Store(a0, b0, to);
        Store(a1, b1, to + Outputs);
        Store(a2, b2, toSecond);
        Store(a3, b3, toSecond + Outputs);
    }

    /// <summary>One row, four strips.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OneRow(float* x, int output, float* y)
    {
        int lanes = Vector<float>.Count, last = Outputs - 2 * lanes;
        int second = Math.Min(output + 2 * lanes, last), third = Math.Min(output + 4 * lanes, last), fourth = Math.Min(output + 6 * lanes, last);
        ushort* w0 = StripOf(output), w1 = StripOf(second), w2 = StripOf(third), w3 = StripOf(fourth);
        float* end = x + Inputs;
        var upper = new Vector<uint>(0xFFFF0000);
        Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (long at = 0; x < end; x++, at += 2 * lanes)
        {
            var r = new Vector<float>(*x);
            Vector<uint> pair = Vector.Load((uint*)(w0 + at));
            a0 = Vector.MultiplyAddEstimate(Vector.ShiftLeft(pair, 16).As<uint, float>(), r, a0);
            b0 = Vector.MultiplyAddEstimate((pair & upper).As<uint, float>(), r, b0);
            pair = Vector.Load((uint*)(w1 + at));
            a1 = Vector.MultiplyAddEstimate(Vector.ShiftLeft(pair, 16).As<uint, float>(), r, a1);
            b1 = Vector.MultiplyAddEstimate((pair & upper).As<uint, float>(), r, b1);
            pair = Vector.Load((uint*)(w2 + at));
            a2 = Vector.MultiplyAddEstimate(Vector.ShiftLeft(pair, 16).As<uint, float>(), r, a2);
            b2 = Vector.MultiplyAddEstimate((pair & upper).As<uint, float>(), r, b2);
            pair = Vector.Load((uint*)(w3 + at));
            a3 = Vector.MultiplyAddEstimate(Vector.ShiftLeft(pair, 16).As<uint, float>(), r, a3);
            b3 = Vector.MultiplyAddEstimate((pair & upper).As<uint, float>(), r, b3);
        }
        Store(a0, b0, y + output);
        Store(a1, b1, y + second);
        Store(a2, b2, y + third);
        Store(a3, b3, y + fourth);
    }

    private static void Store(Vector<float> low, Vector<float> high, float* y)
    {
        Vector.Store(low, y);
        Vector.Store(high, y + Vector<float>.Count);
    }

    public void Dispose()
    {
        HostMemory.Free(weights);
        weights = null;
    }
}
