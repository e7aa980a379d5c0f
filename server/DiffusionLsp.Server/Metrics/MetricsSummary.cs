using System.Collections.Immutable;

namespace DiffusionLsp.Server.Metrics;

/// <summary>Statistics of the metrics. It knows neither files nor terminals.</summary>
/// <param name="Days">Length of the period in days.</param>
/// <param name="Paths">One row per path to an answer, the fastest first; only where a suggestion was offered.</param>
/// <param name="Reasons">Why there was no suggestion, the most frequent first.</param>
internal sealed record MetricsSummary(int Days, int Answers, int Offered, int Shown, int Accepted, int PartiallyAccepted, int Typed, int Dismissed,
    int AcceptedCharacters, double? KeptShare, IReadOnlyList<PathRow> Paths, IReadOnlyList<CountRow> Reasons, IReadOnlyList<CountRow> PerDay)
{
    /// <summary>Number of lines that were not events and are not counted here.</summary>
    public int TornLines { get; init; }

    /// <summary>Files that could not be read, with the reason.</summary>
    public IReadOnlyList<string> UnreadableFiles { get; init; } = [];

    /// <summary>What the model expected and what was kept, by confidence, over all suggestions ever learned from; only non-empty buckets.</summary>
    public IReadOnlyList<ReliabilityRow> Reliability { get; init; } = [];

    /// <summary>Why <see cref="Reliability"/> is missing, in a sentence; null: no problem.</summary>
    public string? ReliabilityProblem { get; init; }

    /// <summary>The share of shown suggestions that were accepted, wholly or partially, 0 to 1; null: none was shown.</summary>
    public double? AcceptanceRate => Shown == 0 ? null : (double)(Accepted + PartiallyAccepted) / Shown;

    public static MetricsSummary Of(IEnumerable<MetricsEvent> events, int days)
    {
        MetricsEvent[] all = [.. events];
        ILookup<string, MetricsEvent> by = all.ToLookup(e => e.Event);
        MetricsEvent[] answers = [.. by[MetricsEvent.Answer]], offered = [.. answers.Where(a => a.Reason is null)];
        MetricsEvent[] accepted = [.. by["accepted"]], partly = [.. by["partiallyAccepted"]], kept = [.. by[MetricsEvent.Kept]];
        return new MetricsSummary(
            days, answers.Length, offered.Length, by[MetricsEvent.Shown].Count(), accepted.Length, partly.Length,
            by[MetricsEvent.Typed].Count(), by["dismissed"].Count(),
            accepted.Concat(partly).Sum(e => e.Characters ?? 0),
            kept.Length == 0 ? null : kept.Average(e => e.Share ?? 0),
            [.. offered.GroupBy(a => a.Path ?? "").Select(PathRow.Of).OrderBy(row => row.P50)],
            [.. Counts(answers.Where(a => a.Reason is not null).Select(a => a.Reason!)).OrderByDescending(r => r.Count)],
            [.. Counts(accepted.Select(e => $"{e.At.UtcDateTime:yyyy-MM-dd}")).OrderBy(r => r.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The summary of what was read from files, including what could not be read.</summary>
    public static MetricsSummary Of(MetricsLines read, int days) => Of(read.Events, days) with { TornLines = read.Torn, UnreadableFiles = read.Unreadable };

    /// <summary>The summary of a whole folder.</summary>
    public static MetricsSummary Of(MetricsFolder folder, DateTimeOffset since, int days)
    {
        (ImmutableDictionary<string, AcceptanceCounts> models, string? problem) = folder.Acceptance.Read();
        AcceptanceCounts counts = models.Values.Aggregate(AcceptanceCounts.None, (all, one) => all.Plus(one));
        return Of(folder.Read(since), days) with { Reliability = ReliabilityRow.Of(counts), ReliabilityProblem = problem };
    }

    private static IEnumerable<CountRow> Counts(IEnumerable<string> names) => names.GroupBy(n => n).Select(g => new CountRow(g.Key, g.Count()));
}

/// <summary>Latency of one path to an answer: milliseconds from request to answer, including debouncing.</summary>
internal sealed record PathRow(string Path, int Count, double P50, double P95, double P99)
{
    public static PathRow Of(IGrouping<string, MetricsEvent> answers)
    {
        double[] sorted = [.. answers.Select(a => a.Milliseconds ?? 0).Order()];
        return new PathRow(answers.Key, sorted.Length, At(sorted, 0.5), At(sorted, 0.95), At(sorted, 0.99));
    }

    /// <summary>The nearest-rank percentile of a sorted array.</summary>
    private static double At(double[] sorted, double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}

/// <summary>Suggestions of similar confidence: what the model expected, and what was kept.</summary>
/// <param name="From">Lower end of the bucket, 0 to 1.</param>
/// <param name="To">Upper end of the bucket, exclusive, 0 to 1.</param>
/// <param name="Shown">Number shown.</param>
/// <param name="Kept">How many were accepted whole or typed to their end.</param>
/// <param name="Predicted">The share that the model expected to be right, 0 to 1.</param>
internal sealed record ReliabilityRow(double From, double To, int Shown, int Kept, double Predicted)
{
    /// <summary>The share of shown suggestions that were kept, 0 to 1.</summary>
    public double Share => (double)Kept / Shown;

    public static IReadOnlyList<ReliabilityRow> Of(AcceptanceCounts counts) =>
        [.. counts.Buckets.Select((b, i) => (b, i)).Where(x => x.b.Shown > 0)
            .Select(x => new ReliabilityRow((double)x.i / AcceptanceCounts.BucketCount, (x.i + 1.0) / AcceptanceCounts.BucketCount, x.b.Shown, x.b.Kept, x.b.Expected / x.b.Shown))];
}

/// <summary>The number of occurrences of something.</summary>
internal sealed record CountRow(string Name, int Count);
