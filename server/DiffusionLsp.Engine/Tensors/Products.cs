using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tensors;

/// <summary>Products fused with an addition: one kernel and one rounding instead of two.</summary>
internal static class Products
{
    /// <summary>x + y · Wᵀ.</summary>
    /// <param name="x">(N, D). If no gradient is recorded, it is modified in place and returned.</param>
    /// <param name="y">(N, I)</param>
    /// <param name="weight">(D, I)</param>
    /// <returns>(N, D)</returns>
    public static Tensor PlusRows(this Tensor x, Tensor y, Tensor weight) => is_grad_enabled() ? x.addmm(y, weight.t(), 1, 1) : x.addmm_(y, weight.t(), 1, 1);

    /// <summary>x · Wᵀ + b.</summary>
    /// <param name="x">(N, I)</param>
    /// <param name="weight">(D, I)</param>
    /// <param name="bias">(D); null: none</param>
    /// <returns>(N, D)</returns>
    public static Tensor Linear(this Tensor x, Tensor weight, Tensor? bias) => bias is null ? nn.functional.linear(x, weight) : bias.addmm(x, weight.t(), 1, 1);

    /// <summary>β · x + α · y · z, matrix by matrix.</summary>
    /// <param name="x">(N, R, C)</param>
    /// <param name="y">(N, R, K)</param>
    /// <param name="z">(N, K, C)</param>
    public static Tensor PlusProduct(this Tensor x, Tensor y, Tensor z, float beta, float alpha) =>
        y.baddbmm(z, x, beta, alpha); // TorchSharp 0.107 takes the first factor as the receiver and the sum's first part last
}
