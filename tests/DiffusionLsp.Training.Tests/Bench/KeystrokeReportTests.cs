using DiffusionLsp.Engine;
using DiffusionLsp.Training.Bench;

namespace DiffusionLsp.Training.Tests.Bench;

/// <summary>Medians, the ratio, and that different completions are counted.</summary>
public sealed class KeystrokeReportTests
{
    private static readonly ModelSummary Model = new("nano", "folder", "DiffusionLspNano", 8, 9, "cpu", "asked for", "float32", 2);

    [Fact]
    public void The_ratio_is_of_medians()
    {
        KeystrokeReport report = KeystrokeReport.Of(Model, 512, ["warm", "cold"], [[Result(10, "a"), Result(100, "a")], [Result(20, "b"), Result(90, "b")], [Result(30, "c"), Result(500, "c")]]);
        Assert.Equal(0.2, Assert.Single(report.WarmOver).Value, 1e-9);
        Assert.Equal(0, report.Different);
        Assert.Equal(3, report.Keystrokes);
        Assert.Equal((20, 30, 500), (report.Ways[0].TotalP50, report.Ways[0].TotalP95, report.Ways[1].TotalP95));
        Assert.Contains("median of warm / cold: 0.200", report.Table());
    }

    [Fact]
    public void A_different_completion_is_counted_once_per_keystroke()
    {
        KeystrokeReport report = KeystrokeReport.Of(Model, 512, ["warm", "cold", "no cache"],
            [[Result(1, "a"), Result(1, "a"), Result(1, "a")], [Result(1, "a"), Result(1, "b"), Result(1, "c")]]);
        Assert.Equal(1, report.Different);
        Assert.Contains("1 of 2 keystrokes completed differently", report.Table());
    }

    private static InfillResult Result(double milliseconds, string text) => new()
    {
        Completion = text, StopReason = StopReason.EndOfLine, Forwards = 4, Tokens = 5, PromptTokens = 500, CachedPromptTokens = 499,
        Timings = new InfillTimings(milliseconds / 10, milliseconds / 2, milliseconds * 4 / 10),
    };
}
