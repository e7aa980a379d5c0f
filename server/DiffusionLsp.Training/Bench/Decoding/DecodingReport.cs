using DiffusionLsp.Engine;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>The results of a run. It measures nothing.</summary>
/// <param name="Threads">CPU threads of the engine.</param>
/// <param name="Cases">Held-out cases, over all languages and tasks.</param>
/// <param name="Sittings">How often the run was started; 1: it ran in one go.</param>
/// <param name="Date">When the report was written, UTC.</param>
/// <param name="Note">A caveat about the cases; null: none.</param>
/// <param name="Weights">Fingerprint of the model; null in reports of earlier versions.</param>
internal sealed record DecodingReport(string Model, long Parameters, string Device, string DataType, int Threads, int Cases, int Seed, int Sittings, string Date,
    IReadOnlyList<SettingReport> Settings, string? Note = null, string? Weights = null);

/// <summary>Results of one setting.</summary>
/// <param name="TimedCases">Cases on which the vanilla baseline was timed; speeds and ratios refer to these.</param>
/// <param name="CacheChecked">Cases that some method completed both with and without the cache.</param>
/// <param name="CacheDiffers">How many of these differed; 0 is expected of block-causal models.</param>
internal sealed record SettingReport(string Setting, int TimedCases, int CacheChecked, int CacheDiffers, IReadOnlyList<DecodingRow> Rows, IReadOnlyList<MatchedControl> Matched);

/// <summary>One row of the table: a method over the cases of one language, or of all.</summary>
/// <param name="Forwards">Mean number of forwards per case.</param>
/// <param name="TokensPerForward">Total text tokens divided by total forwards.</param>
/// <param name="TokensPerIteration">Total text tokens divided by total iterations, for decoders that need several forwards per iteration.</param>
/// <param name="TokensPerSecond">Text tokens divided by the time of prompt and decode, over the timed cases.</param>
/// <param name="Ratio">Tokens per second divided by vanilla's on the same cases in the same run.</param>
/// <param name="Speedup">Median over these cases of vanilla's time divided by this method's, which does not reward longer texts.</param>
/// <param name="SameAsVanilla">Percentage of cases whose text equals vanilla's.</param>
/// <param name="Exact">Percentage of cases whose text equals the original, with Wilson's interval.</param>
/// <param name="ExactDifference">The same minus vanilla's, in percentage points, with the interval for paired cases.</param>
/// <param name="Similarity">Mean edit similarity to the original, 0 to 100.</param>
internal sealed record DecodingRow(string Language, string Method, string Family, string Kind, int Cases, int TimedCases, double Forwards, double TokensPerForward,
    double TokensPerIteration, double TokensPerSecond, double Ratio, double Speedup, Interval SameAsVanilla, Interval Exact, Interval ExactDifference, double Similarity)
{
    /// <summary>The language of rows over all languages.</summary>
    public const string AllLanguages = "all";
}

/// <summary>
/// A measured method next to the control with the fewest forwards that matches vanilla's text as often (at most half a percentage
/// point less).
/// </summary>
/// <param name="Fewer">Percentage of forwards saved against the control; negative: it needs more.</param>
internal sealed record MatchedControl(string Method, double Forwards, double SameAsVanilla, string? Control, double ControlForwards, double ControlSameAsVanilla, double Fewer)
{
    /// <summary>In percentage points.</summary>
    public const double Tolerance = 0.5;

    /// <summary>One row per measured method.</summary>
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
