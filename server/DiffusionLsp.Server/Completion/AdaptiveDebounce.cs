using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Decides how long to wait for a newer request before one is computed: from the setting <c>debounceMs</c> to three times that.
/// The wait lasts until the next key is expected, longer inside words, minus the time that decoding takes; but if decoding after
/// every key hardly loads the machine, it is never longer than the setting. Dismissals lengthen it and acceptances shorten it.
/// It only computes; the caller waits.
/// </summary>
internal sealed class AdaptiveDebounce(TimeProvider time)
{
    // MostTimes, InsideWord and CheapShare were tuned on recorded typing sessions (docs/lab/notebook.md); the others are estimates.
    private const int MostTimes = 3; // upper limit of the wait, in multiples of the setting debounceMs
    private const double InsideWord = 1.2; // factor of the expected gap after a letter or digit: the next key is likely
    private const double CheapShare = 0.2; // of the mean gap: below it, decoding after every key hardly loads the machine
    private const double Dismissed = 1.5, Accepted = 0.8; // factors of the wait per outcome; both decay towards 1
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(10); // below it: two kinds of request for the same key
    private static readonly TimeSpan LongestGap = TimeSpan.FromMilliseconds(400); // above it: a pause, not typing
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10); // an outcome's effect decays to 1/e in this time

    private readonly Lock gate = new();
    private readonly RecentValues gaps = new(20), decodes = new(10); // milliseconds between keys, and per decode
    private readonly Queue<(long At, double Weight)> outcomes = new();
    private long? lastRequest;

    /// <summary>Records the arrival of an automatic request.</summary>
    public void NoteRequest()
    {
        lock (gate)
        {
            if (lastRequest is { } last && time.GetElapsedTime(last) is var gap && gap > ShortestGap && gap < LongestGap) gaps.Add(gap.TotalMilliseconds);
            lastRequest = time.GetTimestamp();
        }
    }

    /// <summary>Records the duration of a decode in milliseconds.</summary>
    public void NoteDecode(double milliseconds)
    {
        lock (gate) decodes.Add(milliseconds);
    }

    /// <summary>Records whether a shown suggestion was accepted or dismissed; the last ten count.</summary>
    public void NoteOutcome(SuggestionOutcome outcome)
    {
        lock (gate)
        {
            outcomes.Enqueue((time.GetTimestamp(), outcome is SuggestionOutcome.Dismissed ? Dismissed : Accepted));
            if (outcomes.Count > 10) outcomes.Dequeue();
        }
    }

    /// <summary>
    /// The wait for a request, counted from its arrival: 0 for explicit requests, else from <c>debounceMs</c> to three times that. Until
    /// keys and decodes have been measured, it is <c>debounceMs</c>.
    /// </summary>
    public TimeSpan Delay(CompletionRequest request)
    {
        int least = request.Settings.DebounceMs;
        if (request.Trigger == CompletionTrigger.Invoked) return TimeSpan.Zero;
        if (request.Settings.Debounce == DebounceMode.Fixed) return TimeSpan.FromMilliseconds(least);
        lock (gate)
        {
            double place = request.LinePrefix is [.., var last] && (char.IsLetterOrDigit(last) || last == '_') ? InsideWord : 1;
            double wanted = decodes.Any && decodes.Mean < CheapShare * gaps.Mean ? least : gaps.Mean * place - decodes.Mean;
            return TimeSpan.FromMilliseconds(Math.Clamp(wanted * Interest(), least, MostTimes * least));
        }
    }

    /// <summary>Factor of the wait: above 1 after dismissals, below 1 after acceptances; it decays towards 1.</summary>
    private double Interest() => outcomes.Aggregate(1.0, (product, outcome) =>
        product * (1 + (outcome.Weight - 1) * Math.Exp(-(time.GetElapsedTime(outcome.At) / Memory))));

    /// <summary>The mean of the last values; 0 if there are none.</summary>
    private sealed class RecentValues(int most)
    {
        private readonly Queue<double> values = new();

        public bool Any => values.Count > 0;

        public double Mean => values.Count == 0 ? 0 : values.Average();

        public void Add(double value)
        {
            values.Enqueue(value);
            if (values.Count > most) values.Dequeue();
        }
    }
}

/// <summary>What the user did with a shown suggestion.</summary>
internal enum SuggestionOutcome
{
    /// <summary>All of it was accepted at once.</summary>
    Accepted,
    /// <summary>A prefix of it was accepted at once.</summary>
    PartiallyAccepted,
    /// <summary>The user typed something else.</summary>
    Dismissed,
}
