using System.Globalization;
using ScottPlot;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// Draws quality against forward passes per token as a PNG: a column per setting, above the exact matches with the
/// original, below those with vanilla's text. Methods of one family are joined; the Pareto front is a dashed line.
/// </summary>
internal static class DecodingPlot
{
    private const int Width = 720, Height = 520;
    private static readonly double[] Ticks = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];

    private static readonly (string Title, Func<DecodingRow, double> Of)[] Qualities =
        [("exact match with the original, %", r => r.Exact.Value), ("same text as vanilla, %", r => r.SameAsVanilla.Value)];

    public static void Save(DecodingReport report, string path)
    {
        var grid = new Multiplot();
        grid.AddPlots(Qualities.Length * report.Settings.Count);
        grid.Layout = new ScottPlot.MultiplotLayouts.Grid(Qualities.Length, report.Settings.Count);
        for (int row = 0; row < Qualities.Length; row++)
            for (int column = 0; column < report.Settings.Count; column++)
            {
                Plot plot = grid.Subplots.GetPlot(row * report.Settings.Count + column);
                Draw(plot, report.Settings[column], Qualities[row]);
                // One legend per row, beside the last panel: inside, it would cover points.
                if (column == report.Settings.Count - 1) plot.ShowLegend(Edge.Right);
                else plot.HideLegend();
            }
        grid.SavePng(path, Width * report.Settings.Count, Height * Qualities.Length);
    }

    private static void Draw(Plot plot, SettingReport setting, (string Title, Func<DecodingRow, double> Of) quality)
    {
        DecodingRow[] rows = [.. setting.Rows.Where(r => r.Language == DecodingRow.AllLanguages && r.TokensPerForward > 0)];
        static double Cost(DecodingRow row) => Math.Log2(1 / row.TokensPerForward);
        foreach (var family in rows.GroupBy(r => r.Family))
        {
            DecodingRow[] points = [.. family.OrderBy(Cost)];
            var line = plot.Add.Scatter(points.Select(Cost).ToArray(), points.Select(quality.Of).ToArray());
            (line.LegendText, line.MarkerSize, line.LineWidth) = (family.Key, 7, 1);
        }
        var front = ParetoFront.Of(rows.Where(r => r.Kind != nameof(MethodKind.Bound)).Select(r => (Cost(r), quality.Of(r))));
        var dashed = plot.Add.Scatter(front.Select(p => p.Cost).ToArray(), front.Select(p => p.Quality).ToArray());
        (dashed.LegendText, dashed.MarkerSize, dashed.LinePattern, dashed.Color, dashed.LineWidth) = ("Pareto front", 0, LinePattern.Dashed, Colors.Black, 1.5f);
        plot.Title($"{setting.Setting}, {rows[0].Cases} cases");
        plot.XLabel("forward passes per token (log)");
        plot.YLabel(quality.Title);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. Ticks.Select(Math.Log2)], [.. Ticks.Select(t => t.ToString(CultureInfo.InvariantCulture))]);
    }
}
