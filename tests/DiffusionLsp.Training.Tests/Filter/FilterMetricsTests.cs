using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Training.Filter;

namespace DiffusionLsp.Training.Tests.Filter;

/// <summary>Figures about filters against numbers worked out by hand, and a fit that must find what was put in.</summary>
public sealed class FilterMetricsTests
{
    private static readonly (double, bool)[] Scored = [(0.1, false), (0.4, true), (0.4, false), (0.8, true), (0.9, false)];

    [Fact]
    public void The_area_counts_ordered_pairs_and_ties_half() => // right 0.4: 1 + ½ + 0; right 0.8: 1 + 1 + 0; of 6 pairs
        Assert.Equal(3.5 / 6, FilterMetrics.AreaUnderCurve(Scored), 12);

    [Theory]
    [InlineData(0.3, 0.5, 1)]
    [InlineData(0.5, 0.5, 0.5)]
    public void Precision_and_recall(double threshold, double precision, double recall) => Assert.Equal((precision, recall), FilterMetrics.At(Scored, threshold));

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.51, 0)]
    public void Recall_at_a_precision(double precision, double recall) => Assert.Equal(recall, FilterMetrics.RecallAt(Scored, precision));

    [Fact]
    public void The_calibration_error_is_the_mean_distance() => // bins: 0.1 | two of 0.4 | 0.8 | 0.9
        Assert.Equal((0.1 + 0.2 + 0.2 + 0.9) / 5, FilterMetrics.CalibrationError(Scored), 12);

    [Fact]
    public void Platt_scaling_finds_scale_and_offset()
    {
        var random = new Random(1);
        (double, bool)[] drawn = [.. Enumerable.Range(0, 40_000).Select(_ => random.NextDouble() * 8 - 4).Select(x => (x, random.NextDouble() < new Calibration(0.5, -1).Probability(x)))];
        Calibration found = FilterMetrics.Fit(drawn);
        Assert.InRange(found.Scale, 0.47, 0.53);
        Assert.InRange(found.Offset, -1.05, -0.95);
    }

    [Fact]
    public void A_fit_learns_a_rule_that_is_not_linear_from_inputs_as_they_are()
    {
        DiffusionLsp.Engine.Native.NativeBackend.Load();
        var random = new Random(1);
        FilterRows Rows(int count)
        {
            var rows = new FilterRows();
            for (int i = 0; i < count; i++)
            {
                float a = random.NextSingle(), b = 100 + 50 * random.NextSingle(); // far from standard
                rows.Add([a, b], [a > 0.5f == b > 125 ? 1 : 0]);
            }
            return rows;
        }
        var data = new FilterDataset(Rows(6000), Rows(500), Rows(500));
        var losses = new List<double>();
        FilterNetwork network = FilterFitter.Fit(data, new FilterFitter.Options(3, 16, 60, 0.01, 1), (_, loss) => losses.Add(loss));
        Assert.Equal(60, losses.Count);
        int right = data.Test.Inputs.Zip(data.Test.Labels).Count(row => network.Apply(row.First)[0] > 0 == row.Second[0] > 0.5f);
        Assert.True(right > 450, $"{right} of 500");
    }

    [Fact]
    public void A_column_that_never_varies_in_the_fit_has_no_say()
    {
        DiffusionLsp.Engine.Native.NativeBackend.Load();
        var rows = new FilterRows();
        for (int i = 0; i < 512; i++) rows.Add([i / 512f, 1], [i < 256 ? 0 : 1]);
        FilterNetwork network = FilterFitter.Fit(new FilterDataset(rows, rows, new FilterRows()), new FilterFitter.Options(2, 8, 2, 0.01, 1), (_, _) => { });
        Assert.Equal(network.Apply([0.25f, 1])[0], network.Apply([0.25f, 0])[0]);
    }

    [Fact]
    public void The_best_control_is_read_between_its_settings()
    {
        FilterResult Of(string family, double forwards, double reference) => new(family, "", forwards, 1, reference, 0, 0);
        FilterResult[] results = [Of("anchored", 10, 80), Of("anchored", 20, 100), Of("threshold", 18, 90), Of("oracle", 1, 100), Of("filter f", 2, 90)];
        Assert.Equal(("anchored", 15.0), FilterTable.BestControl(results, 90));
        Assert.Equal(("anchored", 10.0), FilterTable.BestControl(results, 50));
        Assert.Null(FilterTable.BestControl([results[2]], 95));
        Assert.Contains("15.00 (anchored) | 86.7", FilterTable.Markdown(results));
    }
}
