using DiffusionLsp.Engine.Confidence;
using ScottPlot;

namespace DiffusionLsp.Training.Confidence;

/// <summary>Plots reliability (is a 70 % probability right in 70 % of cases?) and what each threshold gains and costs.</summary>
internal static class ConfidencePlot
{
    private const int Width = 700, Height = 560, Bins = 10, FewestInBin = 50;

    public static void Save(IReadOnlyList<(ConfidenceCase Case, SuggestionConfidence Confidence)> judged, ConfidenceThresholds thresholds, string folder)
    {
        Directory.CreateDirectory(folder);
        Reliability(judged, Path.Combine(folder, "reliability.png"));
        Precision(judged, thresholds, Path.Combine(folder, "precision.png"));
    }

    private static void Reliability(IReadOnlyList<(ConfidenceCase Case, SuggestionConfidence Confidence)> judged, string path)
    {
        using var plot = new Plot();
        var ideal = plot.Add.Line(0, 0, 100, 100);
        (ideal.LinePattern, ideal.Color) = (LinePattern.Dotted, Colors.Gray);
        foreach (var language in judged.GroupBy(j => j.Case.Language))
        {
            var bins = ConfidenceCurve.Tokens(language).GroupBy(t => Math.Min(Bins - 1, (int)(t.Probability * Bins))).Where(b => b.Count() >= FewestInBin).OrderBy(b => b.Key).ToArray();
            var line = plot.Add.Scatter(bins.Select(b => 100 * b.Average(t => t.Probability)).ToArray(), bins.Select(b => 100 * b.Average(t => t.Right ? 1.0 : 0)).ToArray());
            (line.LegendText, line.MarkerSize) = (language.Key, 6);
        }
        plot.XLabel("confidence, %");
        plot.YLabel("right up to this token, %");
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SavePng(path, Width, Height);
    }

    private static void Precision(IReadOnlyList<(ConfidenceCase Case, SuggestionConfidence Confidence)> judged, ConfidenceThresholds thresholds, string path)
    {
        using var plot = new Plot();
        foreach (var language in judged.GroupBy(j => j.Case.Language).Select(g => (g.Key, Of: g.ToArray())).Append(("all", [.. judged])))
        {
            ConfidencePoint[] curve = [.. ConfidenceCurve.Of(language.Of, ConfidenceCurve.Thresholds).Where(p => p.Shown > 0)];
            var line = plot.Add.Scatter(curve.Select(p => 100 * p.Kept).ToArray(), curve.Select(p => 100 * p.Precision).ToArray());
            (line.LegendText, line.MarkerSize) = (language.Item1, 0);
        }
        foreach ((string name, ConfidencePoint p) in ConfidenceCurve.AtSettings(judged, thresholds))
        {
            plot.Add.Marker(100 * p.Kept, 100 * p.Precision, MarkerShape.FilledCircle, 9, Colors.Black);
            var label = plot.Add.Text(name, 100 * p.Kept, 100 * p.Precision);
            (label.OffsetX, label.OffsetY) = (8, -16);
        }
        plot.XLabel("characters saved, % of what showing everything saves");
        plot.YLabel("right to the last character, % of what is shown");
        plot.Axes.SetLimits(0, 112, 0, 105);
        plot.ShowLegend(Alignment.LowerLeft);
        plot.SavePng(path, Width, Height);
    }
}
