using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Tests.Decoding.Filters;

/// <summary>Makes filters: with given numbers, or random ones of either kind.</summary>
internal static class Filters
{
    public const string Model = "0123";

    public static CommitFilter Random(FilterKind kind, int blockLength, Random random, int layers = 2)
    {
        (int inputs, int outputs, int version) = kind is FilterKind.Published ? (blockLength, blockLength, 0) : (PositionFeatures.Count, 1, PositionFeatures.Version);
        int[] widths = [inputs, .. Enumerable.Repeat(8, layers - 1), outputs];
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
        var network = new FilterNetwork([.. Enumerable.Range(0, layers).Select(i => new FilterLayer(widths[i], widths[i + 1], Numbers(widths[i] * widths[i + 1]), Numbers(widths[i + 1])))]);
        return new CommitFilter(kind, Model, blockLength, version, 0.75, new Calibration(1.25, -0.5), network);
    }

    /// <summary>A published filter of one layer.</summary>
    public static CommitFilter Published(float[] weights, float[] biases) =>
        new(FilterKind.Published, Model, biases.Length, 0, 0.5, Calibration.Identity, new FilterNetwork([new FilterLayer(biases.Length, biases.Length, weights, biases)]));
}
