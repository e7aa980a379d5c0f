using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>The score of one method on one case. It holds no text, so that thousands take little memory.</summary>
/// <param name="Package">Package of the case.</param>
/// <param name="HasClone">Whether its lines, with the line before, also occur in another file of the package.</param>
internal sealed record CaseScore(string Language, HoleKind Kind, string Method, string Package, bool HasCode, bool HasClone, bool Exact, double Similarity, int Saved, int Characters, MethodResult Result)
{
    /// <param name="clone">See <see cref="HasClone"/>.</param>
    public static CaseScore Of(EvaluationCase hole, bool clone, string method, MethodResult result)
    {
        string truth = hole.Truth;
        return new CaseScore(hole.Language, hole.Hole.Kind, method, hole.Package, hole.HasCode, clone, CompletionMetrics.Exact(result.Completion, truth),
            CompletionMetrics.Similarity(result.Completion, truth), CompletionMetrics.Saved(result.Completion, truth), truth.TrimEnd().Length,
            result with { Completion = "" });
    }
}

/// <summary>One row of the table.</summary>
/// <param name="Cases">Number of cases.</param>
/// <param name="CodeCases">Number of cases with more than closing brackets and comments.</param>
/// <param name="Exact">Percentage of exact matches.</param>
/// <param name="CodeExact">The same over <paramref name="CodeCases"/>; NaN: there are none.</param>
/// <param name="Clones">Number of cases with a clone.</param>
/// <param name="NewExact">Percentage of exact matches among cases without one; NaN: there are none.</param>
/// <param name="Similarity">Mean edit similarity, 0 to 100.</param>
/// <param name="Saved">Percentage of the holes' characters that <see cref="CompletionMetrics.Saved"/> counts.</param>
/// <param name="Forwards">Mean number of forwards per completion.</param>
/// <param name="TokensPerForward">Total tokens divided by total forwards; 0 without a network.</param>
internal sealed record EvaluationRow(string Language, string Task, string Method, int Cases, int CodeCases, double Exact, double CodeExact, int Clones, double NewExact, double Similarity,
    double Saved, double MillisecondsP50, double MillisecondsP95, double Forwards, double TokensPerForward)
{
    /// <summary>The language of rows over all languages.</summary>
    public const string AllLanguages = "all";

    /// <summary>One row per language, task and method in order of appearance, then the same over all languages.</summary>
    public static IReadOnlyList<EvaluationRow> Of(IReadOnlyList<CaseScore> scores)
    {
        IEnumerable<CaseScore> all = scores.Select(s => s.Language).Distinct().Count() > 1 ? scores.Select(s => s with { Language = AllLanguages }) : [];
        return [.. scores.Concat(all).GroupBy(s => (s.Language, s.Kind, s.Method)).Select(g => Of(g.Key.Language, EvaluationTasks.Name(g.Key.Kind), g.Key.Method, [.. g]))
            .GroupBy(r => (r.Language, r.Task)).SelectMany(g => g)];
    }

    private static EvaluationRow Of(string language, string task, string method, CaseScore[] scores)
    {
        double Percent(IEnumerable<CaseScore> of) => of.Select(s => s.Exact ? 100.0 : 0).DefaultIfEmpty(double.NaN).Average();
        CaseScore[] code = [.. scores.Where(s => s.HasCode)];
        double[] cold = [.. scores.Where(s => s.Result.Cold).Select(s => s.Result.Milliseconds)];
        int forwards = scores.Sum(s => s.Result.Forwards);
        return new EvaluationRow(language, task, method, scores.Length, code.Length, Percent(scores), Percent(code), scores.Count(s => s.HasClone), Percent(scores.Where(s => !s.HasClone)), scores.Average(s => s.Similarity),
            100.0 * scores.Sum(s => s.Saved) / scores.Sum(s => s.Characters), Percentiles.Of(cold, 0.5), Percentiles.Of(cold, 0.95),
            forwards / (double)scores.Length, forwards == 0 ? 0 : scores.Sum(s => s.Result.Tokens) / (double)forwards);
    }
}

/// <summary>A whole evaluation: its conditions and the rows.</summary>
/// <param name="Threads">CPU threads of each engine.</param>
/// <param name="Workers">Engines side by side.</param>
/// <param name="Decoder">The evaluated method's decode options, in words.</param>
/// <param name="Minutes">Duration of the evaluation.</param>
/// <param name="Gains">What the workspace adds to the open file.</param>
/// <param name="Note">A caveat about the cases; null: none.</param>
internal sealed record EvaluationReport(string Model, long Parameters, string Device, int Threads, int Workers, string Decoder, int ContextTokens, int Seed, double Minutes,
    IReadOnlyList<EvaluationRow> Rows, IReadOnlyList<PairedGain> Gains, string? Note = null);
