using ScottPlot;

namespace DiffusionLsp.Training.Model;

/// <summary>Draws a run's loss curves as a PNG.</summary>
internal static class LossPlot
{
    public static void Save(IReadOnlyList<TrainingMetrics> metrics, string path)
    {
        if (metrics.Count < 2) return;
        using var plot = new Plot();
        double[] tokens = [.. metrics.Select(m => m.Tokens / 1e6)];
        var clean = plot.Add.Scatter(tokens, metrics.Select(m => m.Autoregressive).ToArray());
        (clean.LegendText, clean.MarkerSize) = ("autoregressive (clean rows)", 0);
        TrainingMetrics[] noised = [.. metrics.Where(m => m.Diffusion > 0)];
        if (noised.Length > 1)
        {
            var diffusion = plot.Add.Scatter(noised.Select(m => m.Tokens / 1e6).ToArray(), noised.Select(m => m.Diffusion).ToArray());
            (diffusion.LegendText, diffusion.MarkerSize) = ("diffusion (hidden tokens)", 0);
        }
        foreach (string language in metrics.SelectMany(m => m.Validation?.Keys ?? []).Distinct().Order())
        {
            TrainingMetrics[] measured = [.. metrics.Where(m => m.Validation?.ContainsKey(language) == true)];
            var line = plot.Add.Scatter(measured.Select(m => m.Tokens / 1e6).ToArray(), measured.Select(m => m.Validation![language].Autoregressive).ToArray());
            (line.LegendText, line.LinePattern) = ("validation " + language, LinePattern.Dotted);
        }
        plot.XLabel("million tokens");
        plot.YLabel("loss (nats per token)");
        plot.Axes.SetLimitsY(1, 6);
        plot.ShowLegend(Alignment.UpperRight);
        plot.SavePng(path, 1000, 600);
    }
}
