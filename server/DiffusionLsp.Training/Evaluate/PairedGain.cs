using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>How much more often one method matches exactly than another on the same cases.</summary>
/// <param name="Points">Percentage points of exact match.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
internal sealed record PairedGain(string Language, string Task, double Points, double Low, double High)
{
    private const int Samples = 2_000;

    /// <summary>A row per language and task for which both methods have scores, then over all languages: 95 % bootstrap intervals over packages, since cases of one package are correlated.</summary>
    public static IReadOnlyList<PairedGain> Of(IReadOnlyList<CaseScore> scores, string method, string baseline)
    {
        CaseScore[] both = [.. scores.Where(s => s.Method == method || s.Method == baseline)];
        if (both.Select(s => s.Method).Distinct().Count() < 2) return [];
        IEnumerable<CaseScore> all = both.Select(s => s.Language).Distinct().Count() > 1 ? both.Select(s => s with { Language = EvaluationRow.AllLanguages }) : [];
        return [.. both.Concat(all).GroupBy(s => (s.Language, s.Kind)).Select(g => Of(g.Key.Language, g.Key.Kind, [.. g], method))];
    }

    private static PairedGain Of(string language, HoleKind kind, CaseScore[] scores, string method)
    {
        (int Cases, int Gain)[] packages = [.. scores.GroupBy(s => s.Package).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Count(s => s.Method == method), g.Sum(s => s.Exact ? s.Method == method ? 1 : -1 : 0)))];
        double Points(IEnumerable<(int Cases, int Gain)> of) => 100.0 * of.Sum(p => p.Gain) / of.Sum(p => p.Cases);
        var random = new Random(1);
        double[] sampled = [.. Enumerable.Range(0, Samples).Select(_ => Points([.. packages.Select(_ => packages[random.Next(packages.Length)])])).Order()];
        return new PairedGain(language, EvaluationTasks.Name(kind), Points(packages), Percentiles.Of(sampled, 0.025), Percentiles.Of(sampled, 0.975));
    }
}
