using System.Globalization;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>One line from the results of each part. It runs nothing.</summary>
internal static class SessionLines
{
    /// <summary>The last line that was printed.</summary>
    public static string Last(string text, string? numbers) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "done";

    /// <summary>Time and scores of whole static steps.</summary>
    public static string Step(string text, string? numbers) =>
        Parse(numbers)["lines"]!.AsArray().Where(line => line!["part"]!.GetValue<string>() is "launches" or "steps").Select(line => line!["text"]!.GetValue<string>()).Aggregate((all, line) => $"{all}; {line}");

    /// <summary>How far the device's scores are from the CPU's.</summary>
    public static string Scores(string text, string? numbers) => Each(numbers, shape =>
        Words($"{shape["name"]} on {Parse(numbers)["device"]}: largest error {Number(shape, "error"):0.0000} of the largest score, same best token in {100 * Number(shape, "agreement"):0.0} % of rows"));

    /// <summary>What a launch and a copy cost, and the fewest and the most rows as multiples of the memory's limit.</summary>
    public static string Forward(string text, string? numbers)
    {
        JsonNode report = Parse(numbers);
        double bandwidth = Number(report, "gigabytesPerSecond");
        return Words($"{bandwidth:#,0} GB/s, {Number(report, "nanosecondsPerLaunch"):#,0} ns per launch; ") + Each(numbers, shape =>
        {
            double floor = Number(shape, "bytesRead") / bandwidth / 1e6;
            JsonArray rows = shape["rows"]!.AsArray();
            string Of(JsonNode row) => Words($"{row["rows"]} {(row["rows"]!.GetValue<int>() == 1 ? "row" : "rows")} {Number(row, "p50"):0.00} ms ({Number(row, "p50") / floor:0.0} × floor)");
            return $"{shape["name"]}: {Of(rows[0]!)}, {Of(rows[^1]!)}";
        });
    }

    /// <summary>Throughput of the most clients against one.</summary>
    public static string Batch(string text, string? numbers)
    {
        JsonNode report = Parse(numbers);
        JsonArray rows = report["rows"]!.AsArray();
        return Words($"{rows[^1]!["clients"]} clients: {Number(rows[^1]!, "perSecond"):0.0} completions/s, {Number(rows[^1]!, "perSecond") / Number(rows[0]!, "perSecond"):0.0} times {rows[0]!["clients"]}; {report["different"]} texts differ");
    }

    /// <summary>The method with the most tokens per second in each setting.</summary>
    public static string Decoding(string text, string? numbers) => string.Join("; ", Parse(numbers)["settings"]!.AsArray().Select(setting =>
    {
        JsonNode best = setting!["rows"]!.AsArray().Where(row => row!["language"]!.GetValue<string>() == "all" && row["kind"]!.GetValue<string>() != "Bound").MaxBy(row => Finite(row!["ratio"]!))!;
        return Words($"{setting["setting"]!.GetValue<string>().Split(',')[0]}: {best["method"]} {Finite(best["ratio"]!):0.0} × vanilla's tokens/s, {setting["cacheDiffers"]} of {setting["cacheChecked"]} texts differ with the cache");
    }));

    /// <summary>Median of the tokens per second, without the first report, in which everything is new.</summary>
    /// <param name="metrics">Lines of JSON.</param>
    public static string Train(string? metrics, long tokensPerStep)
    {
        JsonNode[] lines = [.. (metrics ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        if (lines.Length == 0) throw new InvalidOperationException("The training wrote no metrics.");
        double rate = Percentiles.Of(lines.Skip(lines.Length > 1 ? 1 : 0).Select(line => Number(line, "tokensPerSecond")), 0.5);
        return Words($"{rate:#,0} clean tokens/s at {tokensPerStep:#,0} per step, {lines[^1]["step"]} steps");
    }

    private static string Each(string? numbers, Func<JsonNode, string> line) => string.Join("; ", Parse(numbers)["shapes"]!.AsArray().Select(shape => line(shape!)));

    private static JsonNode Parse(string? numbers) => JsonNode.Parse(numbers ?? throw new InvalidOperationException("It wrote no numbers."))!;

    private static double Number(JsonNode node, string name) => node[name]!.GetValue<double>();

    /// <summary>Shares of nothing are written as words.</summary>
    private static double Finite(JsonNode value) => value.GetValueKind() is System.Text.Json.JsonValueKind.Number ? value.GetValue<double>() : double.NegativeInfinity;

    private static string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
