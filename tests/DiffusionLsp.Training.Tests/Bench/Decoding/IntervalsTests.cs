using DiffusionLsp.Training.Bench.Decoding;

namespace DiffusionLsp.Training.Tests.Bench.Decoding;

/// <summary>Intervals against values from textbooks, and the front, on plain numbers.</summary>
public sealed class IntervalsTests
{
    [Theory]
    [InlineData(0, 10, 0, 0, 27.75)]
    [InlineData(10, 10, 100, 72.25, 100)]
    [InlineData(50, 100, 50, 40.38, 59.62)]
    [InlineData(1, 240, 0.4167, 0.0736, 2.3214)]
    public void Wilson(int hits, int cases, double value, double low, double high)
    {
        Interval interval = Intervals.Wilson(hits, cases);
        Assert.Equal(value, interval.Value, 0.005);
        Assert.Equal(low, interval.Low, 0.005);
        Assert.Equal(high, interval.High, 0.005);
    }

    [Fact]
    public void Pairs_that_always_agree_still_leave_doubt()
    {
        Interval interval = Intervals.Paired([.. Enumerable.Range(0, 100).Select(i => (i < 30, i < 30))]);
        Assert.Equal(0, interval.Value);
        Assert.Equal(-interval.Low, interval.High, 1e-9);
        Assert.Equal(1.9216, interval.High, 1e-3); // z · √(1/102) ÷ √102
    }

    [Fact]
    public void The_order_of_a_pair_is_the_sign()
    {
        (bool, bool)[] pairs = [.. Enumerable.Repeat((true, false), 12), .. Enumerable.Repeat((false, true), 2), .. Enumerable.Repeat((true, true), 86)];
        Interval gain = Intervals.Paired(pairs), loss = Intervals.Paired([.. pairs.Select(p => (p.Item2, p.Item1))]);
        Assert.Equal(10, gain.Value, 1e-9);
        Assert.InRange(gain.Low, 2, 3.5); // significant
        Assert.Equal(-gain.Low, loss.High, 1e-9);
    }

    [Fact]
    public void Nothing_has_no_interval() => Assert.Equal((double.NaN, double.NaN), (Intervals.Wilson(0, 0).Low, Intervals.Paired([]).High));

    [Fact]
    public void The_front_holds_what_no_other_point_beats()
    {
        (double, double)[] points = [(1, 50), (2, 50), (0.5, 20), (0.4, 30), (3, 80), (4, 70), (double.PositiveInfinity, 99), (9, double.NaN), (3, 79)];
        Assert.Equal([(0.4, 30), (1, 50), (3, 80)], ParetoFront.Of(points));
        Assert.Empty(ParetoFront.Of([]));
    }

    [Fact]
    public void Time_left_is_what_each_kind_has_cost_so_far()
    {
        var left = new TimeLeft();
        for (int i = 0; i < 10; i++) left.Expect("slow");
        for (int i = 0; i < 100; i++) left.Expect("quick");
        Assert.Null(left.Estimate());
        left.Done("slow", 60);
        Assert.Equal(TimeSpan.FromSeconds((9 + 100) * 60), left.Estimate()); // what was not seen is taken for an average piece
        left.Done("quick", 1);
        Assert.Equal(TimeSpan.FromSeconds(9 * 60 + 99), left.Estimate());
        Assert.Equal(("11 min left", "2 h 5 min left", "40 s left", ""),
            (TimeLeft.Words(left.Estimate()), TimeLeft.Words(TimeSpan.FromMinutes(125.2)), TimeLeft.Words(TimeSpan.FromSeconds(40)), TimeLeft.Words(null)));
    }
}
