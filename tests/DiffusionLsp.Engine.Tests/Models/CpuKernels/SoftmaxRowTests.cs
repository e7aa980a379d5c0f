using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Tests.Models.CpuKernels;

/// <summary>The softmax of attention's scores, at lengths that do not fill vectors and scores that overflow naively.</summary>
public sealed unsafe class SoftmaxRowTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 3, 1)]
    [InlineData(16, 16, 1)]
    [InlineData(37, 20, 1)]
    [InlineData(64, 63, 100)]
    [InlineData(33, 33, 1000)] // exp(1000) is infinite
    public void Visible_scores_share_1_and_the_others_get_nothing(int count, int visible, float scale)
    {
        var random = new Random(count);
        float[] scores = [.. Enumerable.Range(0, count).Select(_ => scale * (random.NextSingle() * 2 - 1))];
        float[] shares = Apply(scores, visible);
        double most = scores.Take(visible).Max(), sum = scores.Take(visible).Sum(s => Math.Exp(s - most));
        for (int i = 0; i < count; i++) Assert.Equal(i < visible ? Math.Exp(scores[i] - most) / sum : 0, shares[i], 1e-5);
        Assert.Equal(1, shares.Sum(s => (double)s), 1e-5);
    }

    [Fact]
    public void What_is_hidden_does_not_matter_even_if_it_is_no_number()
    {
        float[] scores = [1, 2, float.NaN, float.PositiveInfinity];
        Assert.Equal(Apply([1, 2, 0, 0], 2), Apply(scores, 2));
    }

    [Fact]
    public void A_limit_beyond_the_row_is_the_whole_row() => Assert.Equal(Apply([1, 2, 3], 3), Apply([1, 2, 3], 10));

    private static float[] Apply(float[] scores, int visible)
    {
        float* row = HostMemory.Allocate<float>(scores.Length + 64); // the kernel pads to whole vectors
        try
        {
            scores.CopyTo(new Span<float>(row, scores.Length));
            SoftmaxRow.Apply(row, visible, scores.Length);
            return new ReadOnlySpan<float>(row, scores.Length).ToArray();
        }
        finally { HostMemory.Free(row); }
    }
}
