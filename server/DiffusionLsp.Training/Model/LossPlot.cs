using ScottPlot;

namespace DiffusionLsp.Training.Model;

/// <summary>Plots a run's loss curves as a PNG.</summary>
internal static class LossPlot
{
    public static void Save(IReadOnlyList<TrainingMetrics> metrics, string path)
    {
        if (metrics.Count < 2) return;
        using var plot = new Plot();
        Draw(plot, "autoregressive (clean rows)", metrics, m => m.Autoregressive);
        Draw(plot, "diffusion (hidden tokens)", metrics, m => m.Diffusion);
        foreach (string language in metrics.SelectMany(m => m.Validation?.Keys ?? []).Distinct().Order())
        {
            TrainingMetrics[] measured = [.. metrics.Where(m => m.Validation?.ContainsKey(language) == true)];
            bool clean = measured.Any(m => m.Validation![language].Autoregressive > 0);
            Draw(plot, "validation " + language, measured, m => clean ? m.Validation![language].Autoregressive : m.Validation![language].Diffusion, LinePattern.Dotted);
        }
        plot.XLabel("million tokens");
        plot.YLabel("loss (nats per token)");
        plot.Axes.SetLimitsY(1, 6);
        plot.ShowLegend(Alignment.UpperRight);
        plot.SavePng(path, 1000, 600);
    }

    /// <summary>One line through the points that have this kind of loss.</summary>
    private static void Draw(Plot plot, string legend, IReadOnlyList<TrainingMetrics> metrics, Func<TrainingMetrics, double> loss, LinePattern? pattern = null)
    {
        TrainingMetrics[] points = [.. metrics.Where(m => loss(m) > 0)];
        if (points.Length < 2) return;
        var line = plot.Add.Scatter(points.Select(m => m.Tokens / 1e6).ToArray(), points.Select(loss).ToArray());
        (line.LegendText, line.LinePattern, line.MarkerSize) = (legend, pattern ?? LinePattern.Solid, pattern is null ? 0 : line.MarkerSize);
    }
}
