using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>The difference of two methods and how far it could be chance.</summary>
public sealed class PairedGainTests
{
    private static IEnumerable<CaseScore> Both(string package, bool method, bool baseline) =>
        new[] { ("new", method), ("old", baseline), ("other", true) }.Select(m => new CaseScore("python", HoleKind.RestOfLine, m.Item1, package, true, false, m.Item2, 0, 0, 1, new MethodResult("", 1, true, 1, 1)));

    [Fact]
    public void The_gain_is_counted_on_the_same_cases()
    {
        PairedGain gain = Assert.Single(PairedGain.Of([.. Both("a", true, false), .. Both("a", true, true), .. Both("b", false, true), .. Both("b", true, false)], "new", "old"));
        Assert.Equal((25.0, 0.0, 50.0), (gain.Points, gain.Low, gain.High)); // package a gains one of two, b nothing
    }

    [Fact]
    public void Where_all_packages_agree_the_interval_is_a_point_and_without_a_baseline_there_is_none()
    {
        CaseScore[] scores = [.. Enumerable.Range(0, 5).SelectMany(i => Both($"p{i}", true, false))];
        PairedGain gain = Assert.Single(PairedGain.Of(scores, "new", "old"));
        Assert.Equal((100.0, 100.0, 100.0), (gain.Points, gain.Low, gain.High));
        Assert.Empty(PairedGain.Of(scores, "new", "missing"));
    }
}
