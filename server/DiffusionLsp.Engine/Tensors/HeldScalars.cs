using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>
/// Arithmetic of a tensor with a number that stays alive until the native call returns. TorchSharp's own operators make
/// a Scalar that the garbage collector may finalise during the call, and libtorch then reads freed memory ("Unknown
/// scalar type"); seen with two threads under load. Use these wherever code runs often.
/// </summary>
internal static class HeldScalars
{
    // TorchSharp's sum of two tensors takes a factor of the second and makes a Scalar of 1 for it each time; its square is a power.
    private static readonly Scalar One = 1.ToScalar(), MinusOne = (-1).ToScalar();

    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    public static Tensor Minus(this Tensor x, Tensor y) => x.add(y, MinusOne);

    public static Tensor PlusInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x + y · z, element by element.</summary>
    public static Tensor PlusProduct(this Tensor x, Tensor y, Tensor z) => x.addcmul(y, z, One);

    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>first, first + 1, …, end − 1 as (N) int64. Made on the host, where no Scalar is needed.</summary>
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
}
