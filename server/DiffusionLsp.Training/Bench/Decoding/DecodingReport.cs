using DiffusionLsp.Engine;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Everything that a run found. It measures nothing.</summary>
/// <param name="Threads">CPU threads of the engine.</param>
/// <param name="Cases">Held-out cases, over all languages and tasks.</param>
/// <param name="Sittings">How often the run was started; 1: ratios are of one go.</param>
/// <param name="Date">When the report was made, UTC.</param>
/// <param name="Note">What a reader must know of the cases; null: nothing.</param>
internal sealed record DecodingReport(string Model, long Parameters, string Device, string DataType, int Threads, int Cases, int Seed, int Sittings, string Date,
    IReadOnlyList<SettingReport> Settings, string? Note = null);

/// <summary>One setting: its rows and what follows from them.</summary>
/// <param name="TimedCases">Cases that the vanilla baseline was timed on; speeds and ratios are of these.</param>
/// <param name="CacheChecked">Cases that some method did both with and without the cache.</param>
/// <param name="CacheDiffers">How many of these came out differently; 0 is expected of block-causal models.</param>
internal sealed record SettingReport(string Setting, int TimedCases, int CacheChecked, int CacheDiffers, IReadOnlyList<DecodingRow> Rows, IReadOnlyList<MatchedControl> Matched);

/// <summary>One line of the table: a method over the cases of one language, or of all.</summary>
/// <param name="Forwards">Mean forward passes per case.</param>
/// <param name="TokensPerForward">All tokens of the texts over all forward passes.</param>
/// <param name="TokensPerIteration">All tokens of the texts over all iterations; the figure of decoders that need several forward passes for one.</param>
/// <param name="TokensPerSecond">Tokens of the texts over the time of prompt and decode; over the timed cases.</param>
/// <param name="Ratio">Tokens per second over vanilla's on the same cases in the same run.</param>
/// <param name="Speedup">Median over these cases of vanilla's time over this method's: what remains when a method's longer text is no gain.</param>
/// <param name="SameAsVanilla">Percent of cases whose text is vanilla's.</param>
/// <param name="Exact">Percent of cases whose text is the original; Wilson's interval.</param>
/// <param name="ExactDifference">The same less vanilla's, in points; interval of paired cases.</param>
/// <param name="Similarity">Mean edit similarity with the original, 0 to 100.</param>
internal sealed record DecodingRow(string Language, string Method, string Family, string Kind, int Cases, int TimedCases, double Forwards, double TokensPerForward,
    double TokensPerIteration, double TokensPerSecond, double Ratio, double Speedup, Interval SameAsVanilla, Interval Exact, Interval ExactDifference, double Similarity)
{
    /// <summary>The language of rows over all languages.</summary>
    public const string AllLanguages = "all";
}

/// <summary>
/// A measured method beside the control that writes vanilla's text as often (at most half a point less) with the fewest
/// forward passes.
/// </summary>
/// <param name="Fewer">Percent fewer forward passes than the control's; negative: more.</param>
internal sealed record MatchedControl(string Method, double Forwards, double SameAsVanilla, string? Control, double ControlForwards, double ControlSameAsVanilla, double Fewer)
{
    /// <summary>Half a point.</summary>
    public const double Tolerance = 0.5;

    /// <summary>A line per measured method.</summary>
    public static IReadOnlyList<MatchedControl> Of(IReadOnlyList<DecodingRow> rows)
    {
        DecodingRow[] controls = [.. rows.Where(r => r.Kind == nameof(MethodKind.Control))];
        MatchedControl Match(DecodingRow row)
        {
            DecodingRow? best = controls.Where(c => c.SameAsVanilla.Value >= row.SameAsVanilla.Value - Tolerance).MinBy(c => c.Forwards);
            return new MatchedControl(row.Method, row.Forwards, row.SameAsVanilla.Value, best?.Method, best?.Forwards ?? double.NaN, best?.SameAsVanilla.Value ?? double.NaN,
                best is null ? double.NaN : 100 * (1 - row.Forwards / best.Forwards));
        }
        return [.. rows.Where(r => r.Kind is nameof(MethodKind.Measured)).Select(Match)];
    }
}
