using System.Globalization;

namespace DiffusionLsp.Training.Filter;

/// <summary>Results of one decoder at one setting over all cases.</summary>
/// <param name="Forwards">Mean number of forwards per completion.</param>
/// <param name="TokensPerForward">Total tokens divided by total forwards.</param>
/// <param name="Reference">Percentage of completions that equal the slow decode's.</param>
/// <param name="Truth">Percentage that equal the original text.</param>
/// <param name="Similarity">Mean edit similarity to the original text.</param>
internal sealed record FilterResult(string Family, string Knob, double Forwards, double TokensPerForward, double Reference, double Truth, double Similarity);

/// <summary>Writes results as Markdown, with a filter's savings. It measures nothing.</summary>
internal static class FilterTable
{
    public static string Markdown(IReadOnlyList<FilterResult> results)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine("| decoder | knob | forwards | tokens/forward | equals reference % | equals truth % | similarity | forwards of the best control at equal match | fewer % |");
        text.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |");
        foreach (FilterResult r in results)
        {
            (string control, double forwards)? best = IsFilter(r) ? BestControl(results, r.Reference) : null;
            string compared = best is { } b ? FormattableString.Invariant($"{b.forwards:F2} ({b.control}) | {100 * (1 - r.Forwards / b.forwards):F1}") : " | ";
            text.WriteLine(FormattableString.Invariant($"| {r.Family} | {r.Knob} | {r.Forwards:F2} | {r.TokensPerForward:F3} | {r.Reference:F1} | {r.Truth:F1} | {r.Similarity:F1} | {compared} |"));
        }
        return text.ToString();
    }

    /// <summary>
    /// The fewest forwards with which a control reaches the same share of equal completions, interpolated linearly between two settings of
    /// its knob; null: no control reaches it.
    /// </summary>
    public static (string Control, double Forwards)? BestControl(IReadOnlyList<FilterResult> results, double match)
    {
        (string, double)? best = null;
        foreach (var family in results.Where(r => !IsFilter(r) && r.Family is not FilterSweep.Oracle).GroupBy(r => r.Family))
        {
            double forwards = family.SelectMany(a => family, (a, b) => Between(a, b, match)).Min();
            if (double.IsFinite(forwards) && !(best?.Item2 <= forwards)) best = (family.Key, forwards);
        }
        return best;
    }

    private static double Between(FilterResult below, FilterResult above, double match)
    {
        if (below.Reference >= match) return below.Forwards;
        if (above.Reference < match) return double.PositiveInfinity;
        return below.Forwards + (above.Forwards - below.Forwards) * (match - below.Reference) / (above.Reference - below.Reference);
    }

    private static bool IsFilter(FilterResult result) => FilterSweep.Filters.Any(f => result.Family == f || result.Family.StartsWith(f + " ", StringComparison.Ordinal));
}
