using ScottPlot;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Plots the effect of one knob as a PNG: one row per setting, with tokens per iteration and per forward, tokens per second, and quality against the knob.</summary>
internal static class SweepPlot
{
    private const int Width = 560, Height = 420;

    private static readonly (string Title, (string Label, Func<DecodingRow, double> Of)[] Lines)[] Panels =
    [
        ("tokens", [("per iteration", r => r.TokensPerIteration), ("per forward pass", r => r.TokensPerForward)]),
        ("tokens per second", [("tokens per second", r => r.TokensPerSecond)]),
        ("quality, %", [("exact match", r => r.Exact.Value), ("same text as vanilla", r => r.SameAsVanilla.Value), ("similarity", r => r.Similarity)]),
    ];

    public static void Save(BenchSweep sweep, DecodingReport report, string path)
    {
        var grid = new Multiplot();
        grid.AddPlots(Panels.Length * report.Settings.Count);
        grid.Layout = new ScottPlot.MultiplotLayouts.Grid(report.Settings.Count, Panels.Length);
        for (int row = 0; row < report.Settings.Count; row++)
            for (int column = 0; column < Panels.Length; column++)
                Draw(grid.Subplots.GetPlot(row * Panels.Length + column), sweep, report.Settings[row], Panels[column]);
        grid.SavePng(path, Width * Panels.Length, Height * report.Settings.Count);
    }

    private static void Draw(Plot plot, BenchSweep sweep, SettingReport setting, (string Title, (string Label, Func<DecodingRow, double> Of)[] Lines) panel)
    {
        var rows = setting.Rows.Where(r => r.Language == DecodingRow.AllLanguages).ToDictionary(r => r.Method);
        (double Value, DecodingRow Row)[] points = [.. sweep.Points.Where(p => rows.ContainsKey(p.Method.Name)).Select(p => (p.Value, rows[p.Method.Name]))];
        foreach (var (label, of) in panel.Lines)
        {
            var line = plot.Add.Scatter(points.Select(p => p.Value).ToArray(), points.Select(p => of(p.Row)).ToArray());
            (line.LegendText, line.MarkerSize) = (label, 6);
        }
        plot.Title($"{sweep.Name}: {setting.Setting}");
        plot.XLabel(sweep.Knob);
        plot.YLabel(panel.Title);
        // Outside the panel; inside, it would cover points.
        if (panel.Lines.Length > 1) plot.ShowLegend(Edge.Bottom);
        else plot.HideLegend();
    }
}
