using System.Globalization;
using ScottPlot;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// Draws quality against forward passes per token as a PNG: a column per setting, above the exact matches with the
/// original, below those with vanilla's text, and one legend at the right. Methods of one family are joined and have a colour
/// and a shape of their own in every panel; the Pareto front is a dashed line.
/// </summary>
internal static class DecodingPlot
{
    private const int Width = 720, Height = 520;
    private const int Parts = 2; // of the width of a panel; the legend takes one
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp];
    private const string Front = "Pareto front";
    private static readonly double[] Ticks = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];

    private static readonly (string Title, Func<DecodingRow, double> Of)[] Qualities =
        [("exact match with the original, %", r => r.Exact.Value), ("same text as vanilla, %", r => r.SameAsVanilla.Value)];

    public static void Save(DecodingReport report, string path)
    {
        string[] families = [.. report.Settings.SelectMany(s => s.Rows).Select(r => r.Family).Distinct()];
        var grid = new Multiplot();
        grid.AddPlots(Qualities.Length * report.Settings.Count + 1);
        var layout = new ScottPlot.MultiplotLayouts.CustomGrid();
        int parts = report.Settings.Count * Parts + 1;
        for (int row = 0; row < Qualities.Length; row++)
            for (int column = 0; column < report.Settings.Count; column++)
            {
                Plot plot = grid.Subplots.GetPlot(row * report.Settings.Count + column);
                Draw(plot, report.Settings[column], Qualities[row], families);
                layout.Set(plot, new GridCell(row, column * Parts, Qualities.Length, parts, 1, Parts));
            }
        Plot legend = grid.Subplots.GetPlot(Qualities.Length * report.Settings.Count);
        DrawLegend(legend, families);
        layout.Set(legend, new GridCell(0, report.Settings.Count * Parts, 1, parts, 1, 1));
        grid.Layout = layout;
        grid.SavePng(path, Width * parts / Parts, Height * Qualities.Length);
    }

    private static void DrawLegend(Plot plot, string[] families)
    {
        plot.HideAxesAndGrid();
        foreach (string family in families)
        {
            (Color color, MarkerShape shape) = Look(families, family);
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = family, LineColor = color, LineWidth = 1, MarkerColor = color, MarkerShape = shape, MarkerSize = 7 });
        }
        plot.Legend.ManualItems.Add(new LegendItem { LabelText = Front, LineColor = Colors.Black, LineWidth = 1.5f, LinePattern = LinePattern.Dashed });
        plot.ShowLegend(Alignment.MiddleLeft);
    }

    private static (Color, MarkerShape) Look(string[] families, string family)
    {
        var palette = new ScottPlot.Palettes.Category10();
        int index = Array.IndexOf(families, family);
        return (palette.GetColor(index), Shapes[index / palette.Colors.Length % Shapes.Length]);
    }

    private static void Draw(Plot plot, SettingReport setting, (string Title, Func<DecodingRow, double> Of) quality, string[] families)
    {
        DecodingRow[] rows = [.. setting.Rows.Where(r => r.Language == DecodingRow.AllLanguages && r.TokensPerForward > 0)];
        static double Cost(DecodingRow row) => Math.Log2(1 / row.TokensPerForward);
        foreach (var family in rows.GroupBy(r => r.Family))
        {
            DecodingRow[] points = [.. family.OrderBy(Cost)];
            var line = plot.Add.Scatter(points.Select(Cost).ToArray(), points.Select(quality.Of).ToArray());
            (line.Color, line.MarkerShape) = Look(families, family.Key);
            (line.MarkerSize, line.LineWidth) = (7, 1);
        }
        var front = ParetoFront.Of(rows.Where(r => r.Kind != nameof(MethodKind.Bound)).Select(r => (Cost(r), quality.Of(r))));
        var dashed = plot.Add.Scatter(front.Select(p => p.Cost).ToArray(), front.Select(p => p.Quality).ToArray());
        (dashed.MarkerSize, dashed.LinePattern, dashed.Color, dashed.LineWidth) = (0, LinePattern.Dashed, Colors.Black, 1.5f);
        plot.Title($"{setting.Setting}, {rows[0].Cases} cases");
        plot.XLabel("forward passes per token (log)");
        plot.YLabel(quality.Title);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. Ticks.Select(Math.Log2)], [.. Ticks.Select(t => t.ToString(CultureInfo.InvariantCulture))]);
    }
}
