using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// How long to wait for a newer request before one is computed. Between the setting <c>debounceMs</c> and three times that:
/// until the next key should have come, later in the middle of words, less what decoding takes; but where decoding for every
/// key hardly loads the machine, no longer than the setting. Longer for who passes suggestions by, shorter for who accepts
/// them. It waits for nobody itself.
/// </summary>
internal sealed class AdaptiveDebounce(TimeProvider time)
{
    private const int MostTimes = 3;
    private const double InsideWord = 1.2;
    private const double CheapShare = 0.2; // of the time between two keys: with less, decoding for each is no burden
    private const double Dismissed = 1.5, Accepted = 0.8;
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(10); // below: one key, two kinds of request
    private static readonly TimeSpan LongestGap = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly RecentValues gaps = new(20), decodes = new(10);
    private readonly Queue<(long At, double Weight)> outcomes = new();
    private long? lastRequest;

    /// <summary>An automatic request has arrived. Gaps longer than 0.4 s are pauses, not typing.</summary>
    public void NoteRequest()
    {
        lock (gate)
        {
            if (lastRequest is { } last && time.GetElapsedTime(last) is var gap && gap > ShortestGap && gap < LongestGap) gaps.Add(gap.TotalMilliseconds);
            lastRequest = time.GetTimestamp();
        }
    }

    /// <summary>A decode has taken this many milliseconds.</summary>
    public void NoteDecode(double milliseconds)
    {
        lock (gate) decodes.Add(milliseconds);
    }

    /// <summary>A shown suggestion was accepted, or passed by.</summary>
    public void NoteOutcome(SuggestionOutcome outcome)
    {
        lock (gate)
        {
            outcomes.Enqueue((time.GetTimestamp(), outcome is SuggestionOutcome.Dismissed ? Dismissed : Accepted));
            if (outcomes.Count > 10) outcomes.Dequeue();
        }
    }

    /// <summary>The wait for a request, counted from its arrival.</summary>
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

    /// <summary>Above 1 for who lately passed suggestions by, below 1 for who accepted them; it fades within minutes.</summary>
    private double Interest() => outcomes.Aggregate(1.0, (product, outcome) =>
        product * (1 + (outcome.Weight - 1) * Math.Exp(-(time.GetElapsedTime(outcome.At) / Memory))));

    /// <summary>The mean of the last few values; 0 when there are none.</summary>
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

/// <summary>What became of a suggestion that was shown.</summary>
internal enum SuggestionOutcome
{
    /// <summary>All of it was taken over at once.</summary>
    Accepted,
    /// <summary>A beginning of it was taken over at once.</summary>
    PartiallyAccepted,
    /// <summary>The user went on otherwise.</summary>
    Dismissed,
}
