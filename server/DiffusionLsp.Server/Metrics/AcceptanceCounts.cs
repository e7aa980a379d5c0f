using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// What became of the suggestions that were shown, by how sure the model was of them: ten buckets of equal width. It holds counts
/// and nothing else. Immutable.
/// </summary>
/// <param name="Buckets">From unsure to sure; <see cref="BucketCount"/> of them.</param>
internal sealed record AcceptanceCounts(ImmutableArray<AcceptanceBucket> Buckets)
{
    public const int BucketCount = 10;

    /// <summary>Nothing was seen yet.</summary>
    public static AcceptanceCounts None { get; } = new([.. Enumerable.Repeat(new AcceptanceBucket(0, 0, 0), BucketCount)]);

    /// <summary>Suggestions in all buckets.</summary>
    public int Shown => Buckets.Sum(b => b.Shown);

    /// <summary>Whether these are counts that could have been counted.</summary>
    public bool IsValid => Buckets is { IsDefault: false, Length: BucketCount } && Buckets.All(b => b is { IsValid: true }) && Buckets.Sum(b => (long)b.Shown) < int.MaxValue;

    /// <summary>One suggestion more.</summary>
    /// <param name="confidence">How sure the model was of what was shown, 0 to 1.</param>
    /// <param name="kept">Whether the user wrote it, to its last character.</param>
    public AcceptanceCounts With(double confidence, bool kept)
    {
        int at = Math.Clamp((int)(confidence * BucketCount), 0, BucketCount - 1);
        AcceptanceBucket old = Buckets[at];
        return new AcceptanceCounts(Buckets.SetItem(at, new AcceptanceBucket(old.Shown + 1, old.Kept + (kept ? 1 : 0), old.Expected + Math.Clamp(confidence, 0, 1))));
    }

    /// <summary>Two counts as one.</summary>
    public AcceptanceCounts Plus(AcceptanceCounts other) =>
        new([.. Buckets.Zip(other.Buckets, (a, b) => new AcceptanceBucket(a.Shown + b.Shown, a.Kept + b.Kept, a.Expected + b.Expected))]);
}

/// <summary>Suggestions of about the same confidence.</summary>
/// <param name="Shown">How many were shown.</param>
/// <param name="Kept">Of these, how many were accepted whole or typed to their end.</param>
/// <param name="Expected">How many the model expected to be right: the sum of their confidences.</param>
internal sealed record AcceptanceBucket(int Shown, int Kept, double Expected)
{
    [JsonIgnore]
    public bool IsValid => Shown >= 0 && Kept >= 0 && Kept <= Shown && double.IsFinite(Expected) && Expected >= 0 && Expected <= Shown + 1e-6 * Shown;
}
