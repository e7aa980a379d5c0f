namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// How often guesses of each kind came true, as a running estimate that starts from a prior and slowly forgets. Its
/// layout of buckets is the one place that knows all kinds of guesses.
/// </summary>
internal sealed class AcceptanceRates
{
    /// <summary>A guess for the whole hole that was wrong somewhere, but not at the last token.</summary>
    public const int GuessBackInStep = 4;
    /// <summary>A guess for the whole hole that was wrong at the last token.</summary>
    public const int GuessOutOfStep = 5;
    /// <summary>n-gram matches of 1 to 7 tokens.</summary>
    public const int Match = 6;
    /// <summary>Mask rows by confidence, in tenths.</summary>
    public const int Confidence = Match + LongestMatch;
    /// <summary>Mask rows by place, the first being the nearest.</summary>
    public const int Mask = Confidence + 10;
    /// <summary>n-gram matches of 1 to 7 tokens in other files.</summary>
    public const int WorkspaceMatch = Mask + MostMasks;
    /// <summary>Longest match that has a bucket of its own.</summary>
    public const int LongestMatch = 7;
    /// <summary>Most mask rows of a step.</summary>
    public const int MostMasks = 8;

    private const double PriorWeight = 6;
    private const double Forgetting = 0.99;

    private static readonly double[] Prior =
    [
        0.3, 0.5, 0.7, 0.85, 0.5, 0.2,
        0.15, 0.35, 0.5, 0.6, 0.65, 0.7, 0.75,
        0.05, 0.12, 0.2, 0.3, 0.4, 0.5, 0.58, 0.66, 0.75, 0.9,
        0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3,
        0.1, 0.2, 0.35, 0.45, 0.55, 0.6, 0.65,
    ];

    private readonly double[] right = [.. Prior.Select(p => p * PriorWeight)];
    private readonly double[] all = [.. Prior.Select(_ => PriorWeight)];

    /// <summary>A guess for the whole hole that was right so far, by the characters that speak for it.</summary>
    public static int GuessAfter(int matchLength) => matchLength switch { < 6 => 0, < 12 => 1, < 24 => 2, _ => 3 };

    /// <summary>Probability that a guess of this kind is right, given that those before it were.</summary>
    public double this[int bucket] => right[bucket] / all[bucket];

    public void Observe(int bucket, bool accepted)
    {
        // Towards the prior, so that a kind that was not tried for long is tried again.
        right[bucket] = Forgetting * right[bucket] + (1 - Forgetting) * PriorWeight * Prior[bucket] + (accepted ? 1 : 0);
        all[bucket] = Forgetting * all[bucket] + (1 - Forgetting) * PriorWeight + 1;
    }
}
