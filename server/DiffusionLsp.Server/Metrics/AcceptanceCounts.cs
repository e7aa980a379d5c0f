using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// The outcomes of shown suggestions by the model's confidence, in ten buckets of equal width. It holds only counts. Immutable.
/// </summary>
/// <param name="Buckets">By ascending confidence; <see cref="BucketCount"/> of them.</param>
internal sealed record AcceptanceCounts(ImmutableArray<AcceptanceBucket> Buckets)
{
    public const int BucketCount = 10;

    /// <summary>No observations.</summary>
    public static AcceptanceCounts None { get; } = new([.. Enumerable.Repeat(new AcceptanceBucket(0, 0, 0), BucketCount)]);

    /// <summary>Number of suggestions in all buckets.</summary>
    public int Shown => Buckets.Sum(b => b.Shown);

    /// <summary>Whether the counts are consistent.</summary>
    public bool IsValid => Buckets is { IsDefault: false, Length: BucketCount } && Buckets.All(b => b is { IsValid: true }) && Buckets.Sum(b => (long)b.Shown) < int.MaxValue;

    /// <summary>Adds one suggestion.</summary>
    /// <param name="confidence">The model's confidence in what was shown, 0 to 1.</param>
    /// <param name="kept">Whether the user accepted or typed all of it.</param>
    public AcceptanceCounts With(double confidence, bool kept)
    {
        int at = Math.Clamp((int)(confidence * BucketCount), 0, BucketCount - 1);
        AcceptanceBucket old = Buckets[at];
        return new AcceptanceCounts(Buckets.SetItem(at, new AcceptanceBucket(old.Shown + 1, old.Kept + (kept ? 1 : 0), old.Expected + Math.Clamp(confidence, 0, 1))));
    }

    /// <summary>The sum of two counts.</summary>
    public AcceptanceCounts Plus(AcceptanceCounts other) =>
        new([.. Buckets.Zip(other.Buckets, (a, b) => new AcceptanceBucket(a.Shown + b.Shown, a.Kept + b.Kept, a.Expected + b.Expected))]);
}

/// <summary>Suggestions of similar confidence.</summary>
/// <param name="Shown">Number shown.</param>
/// <param name="Kept">How many of these were accepted whole or typed to their end.</param>
/// <param name="Expected">How many the model expected to be right: the sum of their confidences.</param>
internal sealed record AcceptanceBucket(int Shown, int Kept, double Expected)
{
    [JsonIgnore]
    public bool IsValid => Shown >= 0 && Kept >= 0 && Kept <= Shown && double.IsFinite(Expected) && Expected >= 0 && Expected <= Shown + 1e-6 * Shown;
}
