using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Training.Confidence;

/// <summary>What users would see of completions at one threshold.</summary>
/// <param name="Threshold">Minimum probability; 0: everything is shown.</param>
/// <param name="Cases">Number of completions.</param>
/// <param name="Shown">Completions of which some part is shown.</param>
/// <param name="Right">Completions of which the shown part is entirely right.</param>
/// <param name="Saved">Characters saved by the shown parts.</param>
/// <param name="All">Characters saved if everything is shown.</param>
internal sealed record ConfidencePoint(double Threshold, int Cases, int Shown, int Right, int Saved, int All)
{
    /// <summary>Share of shown completions that are right; NaN: none is shown.</summary>
    public double Precision => Shown == 0 ? double.NaN : (double)Right / Shown;

    /// <summary>Share of the savings of showing everything; NaN: there are none.</summary>
    public double Kept => All == 0 ? double.NaN : (double)Saved / All;

    public int Wrong => Shown - Right;
}

/// <summary>Thresholds and what they show. Pure.</summary>
internal static class ConfidenceCurve
{
    /// <summary>From showing everything to showing almost nothing.</summary>
    public static IReadOnlyList<double> Thresholds { get; } = [0, .. Enumerable.Range(1, 98).Select(i => i / 100.0)];

    /// <summary>What each value of the setting <c>suggestions</c> shows, by its name.</summary>
    public static IEnumerable<(string Name, ConfidencePoint Point)> AtSettings(IReadOnlyList<(ConfidenceCase Case, SuggestionConfidence Confidence)> judged, ConfidenceThresholds thresholds) =>
        new[] { "all", "eager", "balanced", "quiet" }.Zip(Of(judged, [0, thresholds.Eager, thresholds.Balanced, thresholds.Quiet]));

    public static IReadOnlyList<ConfidencePoint> Of(IReadOnlyList<(ConfidenceCase Case, SuggestionConfidence Confidence)> judged, IReadOnlyList<double> thresholds)
    {
        (ConfidenceCase Case, SuggestionConfidence Confidence)[] offered = [.. judged.Where(j => j.Case.Completion.Trim().Length > 0)];
        int all = offered.Sum(j => j.Case.Saved(j.Case.Completion.Length));
        return [.. thresholds.Select(threshold =>
        {
            (ConfidenceCase Case, int Length)[] shown = [.. offered.Select(j => (j.Case, SuggestionCut.Length(j.Case.Completion, j.Confidence, threshold))).Where(s => s.Item2 > 0)];
            return new ConfidencePoint(threshold, judged.Count, shown.Length, shown.Count(s => s.Case.IsRight(s.Length)), shown.Sum(s => s.Case.Saved(s.Length)), all);
        })];
    }

    /// <summary>Every token's probability, and whether everything up to it is right.</summary>
    public static IEnumerable<(double Probability, bool Right)> Tokens(IEnumerable<(ConfidenceCase Case, SuggestionConfidence Confidence)> judged) =>
        judged.SelectMany(j => j.Confidence.Tokens.Select(t => (t.Probability, j.Case.IsRight(Math.Min(t.End, j.Case.Completion.Length)))));
}
