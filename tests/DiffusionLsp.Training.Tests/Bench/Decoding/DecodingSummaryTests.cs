using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Training.Bench.Decoding;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Bench.Decoding;

/// <summary>Rows from made-up results: each figure by hand.</summary>
public sealed class DecodingSummaryTests
{
    private static readonly BenchSetting Setting = new(64, 8, 128, 2);
    private static readonly BenchMethod Fast = new("fast", "fast", MethodKind.Measured, new DecodeOptions { Decoder = "threshold" });
    private static readonly BenchMethod Control = new("slow", "slow", MethodKind.Control, new DecodeOptions { Decoder = "stable" });
    private static readonly EvaluationCase[] Cases = [Case("csharp", "alpha"), Case("csharp", "beta"), Case("python", "gamma"), Case("python", "delta")];

    [Fact]
    public void Every_figure()
    {
        SettingReport report = Report();
        DecodingRow vanilla = report.Rows[0], fast = report.Rows[2];
        Assert.Equal(("all", "vanilla", 4, 2), (vanilla.Language, vanilla.Method, vanilla.Cases, vanilla.TimedCases));
        Assert.Equal((1.0, 1.0, 100.0, 0.0), (vanilla.Ratio, vanilla.Speedup, vanilla.SameAsVanilla.Value, vanilla.ExactDifference.Value));
        Assert.Equal(50, vanilla.Exact.Value); // alpha and gamma

        Assert.Equal((2 + 2 + 4 + 4) / 4.0, fast.Forwards);
        Assert.Equal(16 / 12.0, fast.TokensPerForward, 1e-9);
        Assert.Equal(16 / 6.0, fast.TokensPerIteration, 1e-9);
        Assert.Equal(8 / 0.050, fast.TokensPerSecond, 1e-9); // the two timed cases
        Assert.Equal(8 / 0.050 / (8 / 1.0), fast.Ratio, 1e-9);
        Assert.Equal(10, fast.Speedup, 1e-9); // 400/40 and 600/10, nearest rank
        Assert.Equal((75.0, 25.0, -25.0), (fast.SameAsVanilla.Value, fast.Exact.Value, fast.ExactDifference.Value));
        Assert.Equal((1, 2), (report.CacheDiffers, report.CacheChecked));
    }

    [Fact]
    public void Languages_follow_all_of_them()
    {
        SettingReport report = Report();
        Assert.Equal(["all", "csharp", "python"], report.Rows.Select(r => r.Language).Distinct());
        DecodingRow python = report.Rows.Single(r => r is { Language: "python", Method: "fast" });
        Assert.Equal((2, 0, 4.0), (python.Cases, python.TimedCases, python.Forwards));
        Assert.True(double.IsNaN(python.Speedup), "nothing was timed");
    }

    [Fact]
    public void A_measured_method_stands_beside_the_cheapest_control_that_agrees_as_often()
    {
        MatchedControl match = Assert.Single(Report().Matched);
        Assert.Equal(("fast", "slow", 6.0), (match.Method, match.Control, match.ControlForwards));
        Assert.Equal(50, match.Fewer, 1e-9); // 3 forwards instead of 6
    }

    [Fact]
    public void Where_no_control_agrees_as_often_none_is_named()
    {
        DecodingRow row = Report().Rows[2] with { SameAsVanilla = new Interval(101, 0, 0) };
        MatchedControl match = Assert.Single(MatchedControl.Of([row, Report().Rows[3]]));
        Assert.Null(match.Control);
        Assert.True(double.IsNaN(match.Fewer));
    }

    [Fact]
    public void The_table_names_every_method_and_every_number_of_cases()
    {
        var report = new DecodingReport("nano", 8_000_000, "cpu", "float32", 2, 4, 1, 3, "2026-01-31", [Report()]);
        string table = DecodingTable.Markdown(report);
        Assert.Contains("### canvas 64, blocks of 8, context 128: 4 cases, speeds on 2 of them", table);
        Assert.Contains("4 held-out cases, seed 1, 2026-01-31, in 3 sittings", table);
        Assert.Contains("| fast | 3.0 | 1.33 | 160.0 | 20.00 | 10.00 | 75.0 | 25.0 (4.6–69.9) | −25.0 (", table);
        Assert.Contains("1 of 2 texts differ", table);
        Assert.Contains("| fast | 3.0 | 75.0 | slow | 6.0 | 75.0 | 50.0 |", table);
        Assert.Contains("| method | csharp (2, timed 2) | python (2, timed 0) |", table);
        string[] lines = table.Split('\n');
        int header = Array.FindIndex(lines, l => l.StartsWith("| method"));
        Assert.All(lines[header..(header + 6)], line => Assert.Equal(11, line.Count(c => c == '|')));
    }

    internal static SettingReport Report()
    {
        using var results = new PartialResults(null, new RunIdentity("", "", "", "", "", 1, 1, 1));
        void Add(BenchMethod method, params (string Text, int Forwards, double? Milliseconds)[] of)
        {
            for (int i = 0; i < of.Length; i++)
                results.Add(new BenchRecord(Setting.Name, BenchCases.Key(Cases[i]), method.Key, of[i].Text, of[i].Forwards, of[i].Forwards / 2, 4, of[i].Milliseconds, null, 1));
        }
        Add(BenchMethods.Vanilla, ("alpha", 64, 400), ("wrong", 64, 600), ("gamma", 64, null), ("wrong", 64, null));
        Add(BenchMethods.VanillaCached, ("alpha", 64, 90), ("other", 64, 90), ("gamma", 64, 90), ("wrong", 64, 90));
        Add(Fast, ("alpha", 2, 40), ("wrong", 2, 10), ("other", 4, 5), ("wrong", 4, 5));
        Add(Control, ("alpha", 6, 40), ("other", 6, 40), ("gamma", 6, 40), ("wrong", 6, 40));
        return new DecodingSummary(Cases, [BenchMethods.Vanilla, BenchMethods.VanillaCached, Fast, Control], results).Of(Setting);
    }

    private static EvaluationCase Case(string language, string text) => new(language, "package", text, text, new Hole(HoleKind.Block, 0, text.Length));
}
