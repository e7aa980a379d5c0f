using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>
/// Arithmetic between a tensor and a number whose Scalar stays alive until the native call returns. TorchSharp's operators create
/// a Scalar that may be finalised during the call, so that libtorch reads freed memory ("Unknown scalar type"); this was seen with
/// two threads under load. Use these wherever code runs often.
/// </summary>
internal static class HeldScalars
{
    // TorchSharp's add creates a Scalar of 1 as the second tensor's factor on every call; its square uses pow.
    private static readonly Scalar One = 1.ToScalar(), MinusOne = (-1).ToScalar();

    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    public static Tensor Minus(this Tensor x, Tensor y) => x.add(y, MinusOne);

    public static Tensor PlusInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x + y · z, element by element.</summary>
    public static Tensor PlusProduct(this Tensor x, Tensor y, Tensor z) => x.addcmul(y, z, One);

    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>first, first + 1, …, end − 1 as (N) int64. Created on the host, which needs no Scalar.</summary>
    public static Tensor Range(int first, int end, Device device)
    {
        var numbers = new long[end - first];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = first + i;
        return tensor(numbers, device: device);
    }

    public static Tensor Plus(this Tensor x, double value)
    {
        using var scalar = value.ToScalar();
        return x.add(scalar, One);
    }

    public static Tensor Times(this Tensor x, double value)
    {
        using var scalar = value.ToScalar();
        return x.mul(scalar);
    }

    public static Tensor TimesInPlace(this Tensor x, double value)
    {
        using var scalar = value.ToScalar();
        return x.mul_(scalar);
    }

    /// <summary>x += factor · y</summary>
    public static Tensor PlusInPlace(this Tensor x, Tensor y, double factor)
    {
        using var scalar = factor.ToScalar();
        return x.add_(y, scalar);
    }

    /// <summary>x += weight · (y − x)</summary>
    public static Tensor TowardsInPlace(this Tensor x, Tensor y, double weight) => x.TimesInPlace(1 - weight).PlusInPlace(y, weight);

    /// <summary>x += factor · y · z, element by element.</summary>
    public static Tensor PlusProductInPlace(this Tensor x, Tensor y, Tensor z, double factor)
    {
        using var scalar = factor.ToScalar();
        return x.addcmul_(y, z, scalar);
    }

    /// <summary>x += factor · y / z, element by element.</summary>
    public static Tensor PlusQuotientInPlace(this Tensor x, Tensor y, Tensor z, double factor)
    {
        using var scalar = factor.ToScalar();
        return x.addcdiv_(y, z, scalar);
    }

    public static Tensor PlusInPlace(this Tensor x, double value)
    {
        using var scalar = value.ToScalar();
        return x.add_(scalar, One);
    }

    public static Tensor Masked(this Tensor x, Tensor mask, double value)
    {
        using var scalar = value.ToScalar();
        return x.masked_fill(mask, scalar);
    }

    public static Tensor AtLeast(this Tensor x, double value)
    {
        using var scalar = value.ToScalar();
        return x.clamp_min(scalar);
    }

    public static Tensor AtMost(this Tensor x, double value)
    {
        using var scalar = value.ToScalar();
        return x.clamp_max(scalar);
    }
}
