using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Training.Confidence;

namespace DiffusionLsp.Training.Tests.Confidence;

/// <summary>What is counted as shown, right and saved at a threshold, and which thresholds are chosen.</summary>
public sealed class ConfidenceCurveTests
{
    private static (ConfidenceCase, SuggestionConfidence) Judged(string truth, string completion, params (int End, double Probability)[] tokens) =>
        (new ConfidenceCase("csharp", "rest of line", "a", truth, completion, [], new CompletionPlace("csharp", "", "", true, 10, false)),
            new SuggestionConfidence([.. tokens.Select(t => new TokenConfidence(t.End, t.Probability))], ConfidenceThresholds.Default));

    private static readonly (ConfidenceCase, SuggestionConfidence)[] Cases =
    [
        Judged("value.Count;", "value.Count;", (5, 0.95), (6, 0.9), (11, 0.9), (12, 0.9)),
        Judged("value.Count;", "value.First();", (5, 0.8), (6, 0.6), (11, 0.3), (14, 0.2)),
        Judged("other", "value", (5, 0.1)),
        Judged("other", " ", (1, 0.5)),
    ];

    [Fact]
    public void Cutting_makes_wrong_suggestions_right()
    {
        ConfidencePoint[] points = [.. ConfidenceCurve.Of(Cases, [0, 0.5, 0.85])];
        Assert.Equal(new ConfidencePoint(0, 4, 3, 1, 12 + 6, 18), points[0]); // "value." is right of the second
        Assert.Equal(new ConfidencePoint(0.5, 4, 2, 2, 12 + 5, 18), points[1]); // it is cut behind "value"
        Assert.Equal(new ConfidencePoint(0.85, 4, 1, 1, 12, 18), points[2]);
        Assert.Equal(1 / 3.0, points[0].Precision, 1e-9);
        Assert.Equal(17 / 18.0, points[1].Kept, 1e-9);
    }

    [Fact]
    public void Thresholds_rise_and_meet_what_they_promise()
    {
        ConfidencePoint[] curve = [.. Enumerable.Range(0, 10).Select(i => new ConfidencePoint(i / 10.0, 100, 100 - 10 * i, (int)((100 - 10 * i) * (0.2 + 0.08 * i)), 100 - 8 * i, 100))];
        ConfidenceThresholds chosen = ThresholdChoice.Of(curve);
        Assert.Equal((0.1, 0.7, 0.9), (chosen.Eager, chosen.Balanced, chosen.Quiet));
    }
}
