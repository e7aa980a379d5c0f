using System.Globalization;
using ScottPlot;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// Plots quality against forwards per token as a PNG: one column per setting, exact matches with the original above, matches with
/// vanilla's text below, and one legend on the right. Methods of a family are connected and share a colour and a shape in every
/// panel; the Pareto front is a dashed line.
/// </summary>
internal static class DecodingPlot
{
    private const int Width = 720, Height = 520;
    private const int Parts = 2; // units of width per panel; the legend takes one
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp];
    private static readonly double[] Ticks = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];

    private static readonly (string Title, Func<DecodingRow, double> Of)[] Qualities =
        [("exact match with the original, %", r => r.Exact.Value), ("same text as vanilla, %", r => r.SameAsVanilla.Value)];

    public static void Save(DecodingReport report, string path)
    {
        var looks = Looks(report.Settings.SelectMany(s => s.Rows).Select(r => r.Family).Distinct());
        var grid = new Multiplot();
        grid.AddPlots(Qualities.Length * report.Settings.Count + 1);
        var layout = new ScottPlot.MultiplotLayouts.CustomGrid();
        int parts = report.Settings.Count * Parts + 1;
        for (int row = 0; row < Qualities.Length; row++)
            for (int column = 0; column < report.Settings.Count; column++)
            {
                Plot plot = grid.Subplots.GetPlot(row * report.Settings.Count + column);
                Draw(plot, report.Settings[column], Qualities[row], looks);
                layout.Set(plot, new GridCell(row, column * Parts, Qualities.Length, parts, 1, Parts));
            }
        Plot legend = grid.Subplots.GetPlot(Qualities.Length * report.Settings.Count);
        DrawLegend(legend, looks);
        layout.Set(legend, new GridCell(0, parts - 1, 1, parts, 1, 1));
        grid.Layout = layout;
        grid.SavePng(path, Width * parts / Parts, Height * Qualities.Length);
    }

    private static void DrawLegend(Plot plot, Dictionary<string, (Color, MarkerShape)> looks)
    {
        plot.HideAxesAndGrid();
        foreach (var (family, (color, shape)) in looks)
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = family, LineColor = color, LineWidth = 1, MarkerColor = color, MarkerShape = shape, MarkerSize = 7 });
        plot.Legend.ManualItems.Add(new LegendItem { LabelText = "Pareto front", LineColor = Colors.Black, LineWidth = 1.5f, LinePattern = LinePattern.Dashed });
        plot.ShowLegend(Alignment.MiddleLeft);
    }

    private static Dictionary<string, (Color, MarkerShape)> Looks(IEnumerable<string> families)
    {
        var palette = new ScottPlot.Palettes.Category10();
        return families.Index().ToDictionary(f => f.Item, f => (palette.GetColor(f.Index), Shapes[f.Index / palette.Colors.Length % Shapes.Length]));
    }

    private static void Draw(Plot plot, SettingReport setting, (string Title, Func<DecodingRow, double> Of) quality, Dictionary<string, (Color, MarkerShape)> looks)
    {
        DecodingRow[] rows = [.. setting.Rows.Where(r => r.Language == DecodingRow.AllLanguages && r.TokensPerForward > 0)];
        static double Cost(DecodingRow row) => Math.Log2(1 / row.TokensPerForward);
        foreach (var family in rows.GroupBy(r => r.Family))
        {
            DecodingRow[] points = [.. family.OrderBy(Cost)];
            var line = plot.Add.Scatter(points.Select(Cost).ToArray(), points.Select(quality.Of).ToArray());
            (line.Color, line.MarkerShape) = looks[family.Key];
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
