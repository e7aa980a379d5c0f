using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Aggregates results into rows. It measures nothing and prints nothing.</summary>
internal sealed class DecodingSummary(IReadOnlyList<EvaluationCase> cases, IReadOnlyList<BenchMethod> methods, PartialResults results)
{
    /// <summary>One method's result for one case.</summary>
    private sealed record Answer(EvaluationCase Case, BenchRecord Record, BenchRecord Vanilla)
    {
        public bool Exact => CompletionMetrics.Exact(Record.Completion, Case.Truth);
        public bool VanillaExact => CompletionMetrics.Exact(Vanilla.Completion, Case.Truth);
        public bool Same => Record.Completion == Vanilla.Completion;
        public bool Timed => Record.Milliseconds is not null && Vanilla.Milliseconds is not null;
    }

    public SettingReport Of(BenchSetting setting)
    {
        string[] languages = [.. cases.Select(c => c.Language).Distinct()];
        Answer[][] answers = [.. methods.Select(m => Answers(setting, m))];
        var all = methods.Zip(answers, (method, of) => Row(DecodingRow.AllLanguages, method, of)).ToList();
        var each = languages.Length < 2 ? [] : languages.SelectMany(l => methods.Zip(answers, (method, of) => Row(l, method, [.. of.Where(a => a.Case.Language == l)])));
        var (both, different) = CacheCheck(setting);
        return new SettingReport(setting.Name, answers[0].Count(a => a.Timed), both, different, [.. all, .. each], MatchedControl.Of(all));
    }

    private Answer[] Answers(BenchSetting setting, BenchMethod method) =>
        [.. cases.Select(c => new Answer(c, Find(setting, c, method), Find(setting, c, BenchMethods.Vanilla)))];

    private BenchRecord Find(BenchSetting setting, EvaluationCase hole, BenchMethod method) => results.Find(setting.Name, BenchCases.Key(hole), method.Key)
        ?? throw new InvalidOperationException($"{method.Name} has no result in {setting.Name}.");

    /// <summary>Cases that were completed both with and without the cache, and how many of them differ.</summary>
    private (int Both, int Different) CacheCheck(BenchSetting setting)
    {
        var pairs = from uncached in methods
                    where uncached.IsUncached
                    let cached = methods.FirstOrDefault(m => m.Options == uncached.Cached)
                    where cached is not null
                    from hole in cases
                    let record = Find(setting, hole, uncached)
                    where record.Milliseconds is not null
                    select record.Completion == Find(setting, hole, cached).Completion;
        bool[] same = [.. pairs];
        return (same.Length, same.Count(s => !s));
    }

    private static DecodingRow Row(string language, BenchMethod method, Answer[] answers)
    {
        Answer[] timed = [.. answers.Where(a => a.Timed)];
        double Speed(Func<Answer, BenchRecord> of) => timed.Sum(a => of(a).Tokens) / (timed.Sum(a => of(a).Milliseconds!.Value) / 1000);
        double speed = Speed(a => a.Record);
        return new DecodingRow(language, method.Name, method.Family, method.Kind.ToString(), answers.Length, timed.Length,
            answers.Average(a => a.Record.Forwards), answers.Sum(a => a.Record.Tokens) / (double)answers.Sum(a => a.Record.Forwards), answers.Sum(a => a.Record.Tokens) / (double)answers.Sum(a => a.Record.Steps),
            speed, speed / Speed(a => a.Vanilla), Percentiles.Of(timed.Select(a => a.Vanilla.Milliseconds!.Value / a.Record.Milliseconds!.Value), 0.5),
            Intervals.Wilson(answers.Count(a => a.Same), answers.Length), Intervals.Wilson(answers.Count(a => a.Exact), answers.Length),
            Intervals.Paired([.. answers.Select(a => (a.Exact, a.VanillaExact))]),
            answers.Average(a => CompletionMetrics.Similarity(a.Record.Completion, a.Case.Truth)));
    }
}
