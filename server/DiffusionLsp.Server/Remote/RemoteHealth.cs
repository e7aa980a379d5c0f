namespace DiffusionLsp.Server.Remote;

/// <summary>
/// A circuit breaker for a remote engine. Three consecutive failures open it, for 5 s at first and twice as long each time the engine
/// still does not answer, up to 60 s. After that the next request triggers a probe in the background, so that no completion waits for an
/// unreachable machine; nothing runs while nobody is typing.
/// </summary>
/// <remarks>Polly's breaker uses the failure ratio within a window: slow failures never accumulate in a short window, and a long one stays closed as long as it contains old successes.</remarks>
/// <param name="probe">Throws a <see cref="RemoteException"/> while the engine does not answer.</param>
internal sealed class RemoteHealth(Func<Task> probe, TimeProvider time)
{
    private const int MostFailures = 3;
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(5), LongestRest = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private int failures, rests;
    private long since;
    private TimeSpan rest;
    private bool refused, probing;

    /// <summary>Why the engine is not queried, without a full stop; null: it is queried.</summary>
    public string? Problem { get; private set; }

    /// <summary>The problem appeared, changed or disappeared. Raised on any thread.</summary>
    public event Action? Changed;

    /// <summary>The running probe, or the last one. For tests.</summary>
    internal Task Probing { get; private set; } = Task.CompletedTask;

    /// <summary>Whether to query the engine now. Starts a probe if one is due.</summary>
    public bool MayAsk()
    {
        lock (gate)
        {
            if (Problem is null) return true;
            if (refused || probing || time.GetElapsedTime(since) < rest) return false;
            probing = true;
            Probing = Task.Run(ProbeAsync);
            return false;
        }
    }

    public void NoteSuccess()
    {
        bool wasOpen;
        lock (gate)
        {
            wasOpen = Problem is not null;
            (failures, rests, Problem) = (0, 0, null);
        }
        if (wasOpen) Changed?.Invoke();
    }

    /// <param name="isCertain">Whether a single failure is conclusive.</param>
    public void NoteFailure(RemoteException failure, bool isCertain = false)
    {
        string? before;
        lock (gate)
        {
            before = Problem;
            switch (failure.Failure)
            {
                case RemoteFailure.Refused:
                    refused = true;
                    Problem = failure.Message;
                    break;
                case RemoteFailure.Busy:
                    Open(failure.Message, failure.After ?? FirstRest);
                    break;
                case RemoteFailure.Unreachable when ++failures >= MostFailures || isCertain || Problem is not null:
                    Open(failure.Message, FirstRest * Math.Pow(2, rests++) is var longer && longer < LongestRest ? longer : LongestRest);
                    break;
            }
        }
        if (Problem != before) Changed?.Invoke();
    }

    private void Open(string problem, TimeSpan length) => (Problem, since, rest) = (problem, time.GetTimestamp(), length);

    private async Task ProbeAsync()
    {
        try
        {
            await probe().ConfigureAwait(false);
            NoteSuccess();
        }
        catch (RemoteException e)
        {
            NoteFailure(e);
        }
        finally
        {
            lock (gate) probing = false;
        }
    }
}
