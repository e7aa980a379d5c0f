namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// The acceptance rate of each kind of guess, as a running estimate that starts from a prior and slowly forgets. Its layout of
/// buckets is the only place that knows all kinds of guesses.
/// </summary>
internal sealed class AcceptanceRates
{
    /// <summary>Guesses for the whole hole that were wrong somewhere, but right at the last token.</summary>
    public const int GuessBackInStep = 4;
    /// <summary>Guesses for the whole hole that were wrong at the last token.</summary>
    public const int GuessOutOfStep = 5;
    /// <summary>First of the buckets for n-gram matches of 1 to <see cref="LongestMatch"/> tokens in the open file.</summary>
    public const int Match = 6;
    /// <summary>First of the ten buckets for mask rows by confidence, in tenths.</summary>
    public const int Confidence = Match + LongestMatch;
    /// <summary>First of the buckets for mask rows by distance from the draft, the nearest first.</summary>
    public const int Mask = Confidence + 10;
    /// <summary>First of the buckets for n-gram matches of 1 to <see cref="LongestMatch"/> tokens in other files.</summary>
    public const int WorkspaceMatch = Mask + MostMasks;
    /// <summary>Longest match with a bucket of its own, in tokens; longer ones share its bucket.</summary>
    public const int LongestMatch = 7;
    /// <summary>Maximum number of mask rows in a step.</summary>
    public const int MostMasks = 8;

    private const double PriorWeight = 6; // observations that the prior counts for
    private const double Forgetting = 0.99; // per observation: about the last hundred count

    // Estimates, not measurements: after PriorWeight observations of a kind its own rate counts for more.
    private static readonly double[] Prior =
    [
        0.3, 0.5, 0.7, 0.85, 0.5, 0.2, // guesses for the whole hole
        0.15, 0.35, 0.5, 0.6, 0.65, 0.7, 0.75, // n-gram matches in the open file
        0.05, 0.12, 0.2, 0.3, 0.4, 0.5, 0.58, 0.66, 0.75, 0.9, // mask rows by confidence
        0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, // mask rows by distance
        0.1, 0.2, 0.35, 0.45, 0.55, 0.6, 0.65, // n-gram matches in other files
    ];

    private readonly double[] right = [.. Prior.Select(p => p * PriorWeight)];
    private readonly double[] all = [.. Prior.Select(_ => PriorWeight)];

    /// <summary>The bucket of guesses for the whole hole that have been right so far, by the number of matching characters before the hole.</summary>
    public static int GuessAfter(int matchLength) => matchLength switch { < 6 => 0, < 12 => 1, < 24 => 2, _ => 3 };

    /// <summary>The probability that a guess of this kind is right, given that those before it are.</summary>
    public double this[int bucket] => right[bucket] / all[bucket];

    /// <summary>Updates the rate of a kind of guess with one that was verified.</summary>
    public void Observe(int bucket, bool accepted)
    {
        // The prior is mixed back in, so that a kind that went untried for long is tried again.
        right[bucket] = Forgetting * right[bucket] + (1 - Forgetting) * PriorWeight * Prior[bucket] + (accepted ? 1 : 0);
        all[bucket] = Forgetting * all[bucket] + (1 - Forgetting) * PriorWeight + 1;
    }
}
