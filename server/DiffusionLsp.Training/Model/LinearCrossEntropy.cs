using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// Fused output layer and cross-entropy with a hand-written gradient: the logits of the whole batch never exist at once, and the softmax
/// is computed once instead of three times. It does not interpret the rows.
/// </summary>
internal static class LinearCrossEntropy
{
    /// <summary>Rows per chunk, so that its logits fit into a CPU's cache, or are enough work for a GPU.</summary>
    private static long ChunkRows(Device device) => device.type is DeviceType.CPU ? 1024 : 16_384;

    /// <summary>Losses of every row, and the gradient of Σ weight · loss.</summary>
    /// <param name="hidden">(N, D), compute type, detached</param>
    /// <param name="output">(V, D), compute type, detached</param>
    /// <param name="labels">(N) int64</param>
    /// <param name="weights">(N) float32; the row's weight in the loss</param>
    /// <returns>Losses (N) float32, gradient of hidden (N, D), gradient of output (V, D) float32.</returns>
    public static (Tensor Losses, Tensor HiddenGradient, Tensor OutputGradient) Compute(Tensor hidden, Tensor output, Tensor labels, Tensor weights)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var losses = empty(hidden.shape[0], ScalarType.Float32, hidden.device);
        var hiddenGradient = empty_like(hidden);
        var outputGradient = zeros_like(output, ScalarType.Float32);
        long most = ChunkRows(hidden.device);
        for (long start = 0; start < hidden.shape[0]; start += most)
        {
            using var chunk = NewDisposeScope();
            long rows = Math.Min(most, hidden.shape[0] - start);
            var input = hidden.narrow(0, start, rows);
            var label = labels.narrow(0, start, rows).unsqueeze(1); // (rows, 1)
            var probability = nn.functional.linear(input, output).softmax(-1); // (rows, V)
            var own = probability.gather(1, label);
            losses.narrow(0, start, rows).copy_(-own.to(ScalarType.Float32).AtLeast(1e-12).log().squeeze(1));
            // d loss / d logits = probability − one-hot, times the row's weight.
            probability.scatter_add_(1, label, ones_like(own).neg());
            probability.mul_(weights.narrow(0, start, rows).unsqueeze(1).to(probability.dtype));
            hiddenGradient.narrow(0, start, rows).copy_(probability.matmul(output));
            outputGradient.PlusInPlace(probability.t().matmul(input));
        }
        return (losses.MoveToOuterDisposeScope(), hiddenGradient.MoveToOuterDisposeScope(), outputGradient.MoveToOuterDisposeScope());
    }
}
