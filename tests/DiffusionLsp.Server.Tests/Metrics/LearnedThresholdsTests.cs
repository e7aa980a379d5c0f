using System.Collections.Immutable;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Metrics;
using FsCheck.Xunit;

namespace DiffusionLsp.Server.Tests.Metrics;

/// <summary>How far, and in which direction, a user's acceptances move the thresholds.</summary>
public sealed class LearnedThresholdsTests
{
    private static readonly ConfidenceThresholds Own = new(0.2, 0.45, 0.7);

    /// <summary>Random counts of about this many suggestions.</summary>
    private static AcceptanceCounts Random(int seed, int suggestions)
    {
        var random = new Random(seed);
        double bias = random.NextDouble() * 2 - 1;
        return Enumerable.Range(0, suggestions).Aggregate(AcceptanceCounts.None, (counts, _) =>
        {
            double confidence = random.NextDouble();
            return counts.With(confidence, random.NextDouble() < confidence + bias);
        });
    }

    private static double[] Values(ConfidenceThresholds thresholds) => [thresholds.Eager, thresholds.Balanced, thresholds.Quiet];

    private static AcceptanceCounts Repeated(double confidence, int times, bool kept) =>
        Enumerable.Range(0, times).Aggregate(AcceptanceCounts.None, (counts, _) => counts.With(confidence, kept));

    [Property]
    public bool One_kept_more_of_as_many_raises_no_threshold(int seed)
    {
        AcceptanceCounts counts = Random(seed, 40 + Math.Abs(seed % 400));
        double[] before = Values(LearnedThresholds.Of(counts, Own));
        return counts.Buckets.Select((bucket, i) => (bucket, i)).Where(x => x.bucket.Kept < x.bucket.Shown).All(x =>
        {
            AcceptanceCounts more = new(counts.Buckets.SetItem(x.i, x.bucket with { Kept = x.bucket.Kept + 1 }));
            return Values(LearnedThresholds.Of(more, Own)).Zip(before).All(pair => pair.First <= pair.Second + 1e-12);
        });
    }

    [Property]
    public bool No_threshold_leaves_its_bounds_or_passes_another(int seed, byte a, byte b, byte c)
    {
        double[] sorted = [.. new[] { a, b, c }.Order().Select(x => (x + 0.5) / 256)];
        var own = new ConfidenceThresholds(sorted[0], sorted[1], sorted[2]);
        ConfidenceThresholds learned = LearnedThresholds.Of(Random(seed, 5000), own);
        return learned.Eager >= own.Eager / 2 && learned.Eager <= own.Balanced && learned.Balanced >= own.Eager && learned.Balanced <= own.Quiet
            && learned.Quiet >= own.Balanced && learned.Quiet <= (1 + own.Quiet) / 2 && learned.Eager <= learned.Balanced && learned.Balanced <= learned.Quiet;
    }

    [Property]
    public bool Nothing_moves_before_there_is_enough(int seed, byte suggestions) =>
        LearnedThresholds.Of(Random(seed, suggestions % LearnedThresholds.Enough), Own) == Own;

    [Fact]
    public void A_user_who_keeps_as_many_as_expected_moves_nothing()
    {
        AcceptanceCounts counts = new([.. Enumerable.Range(0, 10).Select(i => new AcceptanceBucket(200, 10 + 20 * i, 10 + 20 * i))]);
        Assert.All(Values(LearnedThresholds.Of(counts, Own)).Zip(Values(Own)), pair => Assert.Equal(pair.Second, pair.First, 12));
    }

    [Fact]
    public void Who_keeps_more_sees_more_and_who_keeps_fewer_sees_fewer_and_only_where_it_was_seen()
    {
        ConfidenceThresholds keen = LearnedThresholds.Of(Repeated(0.46, 60, kept: true), Own), weary = LearnedThresholds.Of(Repeated(0.46, 60, kept: false), Own);
        Assert.InRange(keen.Balanced, Own.Eager, Own.Balanced - 0.03);
        Assert.InRange(weary.Balanced, Own.Balanced + 0.03, Own.Quiet);
        Assert.Equal(Own.Eager, weary.Eager, 0.1);
        Assert.Equal(Own.Quiet, weary.Quiet, 0.01);
    }

    [Fact]
    public void However_much_is_kept_or_refused_the_bounds_are_reached_and_not_passed()
    {
        AcceptanceCounts Extreme(bool kept) => new([.. Enumerable.Range(0, 10).Select(i => new AcceptanceBucket(100_000, kept ? 100_000 : 0, 10_000 * (i + 0.5)))]);
        Assert.Equal(new ConfidenceThresholds(0.1, 0.2, 0.45), LearnedThresholds.Of(Extreme(kept: true), Own));
        Assert.Equal(new ConfidenceThresholds(0.45, 0.7, 0.85), LearnedThresholds.Of(Extreme(kept: false), Own));
    }
}
