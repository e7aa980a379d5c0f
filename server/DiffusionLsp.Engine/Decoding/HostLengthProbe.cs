using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Probes lengths without libtorch, one candidate after another: together they would cost the same there.</summary>
/// <param name="blocked">(V): 0, or −∞ for ids that are never text.</param>
internal sealed class HostLengthProbe(ModelRunner runner, float[] blocked, int mask) : LengthProbe(mask)
{
    protected override double[] Together(int[] before, int[] after, int[] lengths, CancellationToken cancellation)
    {
        Forwards++;
        return [.. lengths.Select(length => Mean(before, after, length, cancellation))];
    }

    private double Mean(int[] before, int[] after, int length, CancellationToken cancellation)
    {
        int[] tokens = [.. before, .. Enumerable.Repeat(Mask, length), .. after];
        int shift = runner.Config.LogitShift ? 1 : 0;
        using Scores scores = runner.Score(new RowPlan(tokens, 0, tokens.Length, null, before.Length - shift, length), null, null, cancellation);
        using HostScores host = scores.OnHost();
        var probability = new float[host.Vocabulary];
        double sum = 0;
        for (int row = 0; row < length; row++)
        {
            TokenDistribution.Softmax(host.Row(row), blocked, probability);
            sum += TokenDistribution.TopTwo(probability).Top;
        }
        return sum / length;
    }
}
