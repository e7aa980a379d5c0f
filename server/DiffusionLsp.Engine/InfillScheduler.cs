using System.Diagnostics;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine;

/// <summary>
/// Accepts requests and decodes them in rounds on the decode thread. A round drops cancelled requests, admits waiting ones in
/// fair order, advances every active one by a forward and answers those that are complete. Where rows are expensive, one request
/// at a time is active. Prefetches yield to all others.
/// </summary>
/// <param name="post">Queues work on the decode thread; false: the thread has ended.</param>
/// <param name="mostActive">The limit of active requests; called on the decode thread once a second request waits.</param>
internal sealed class InfillScheduler(Infiller infiller, SessionPool sessions, DecodeDriver driver, Func<Action, bool> post, Func<int> mostActive, WaitingLimits limits)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Job> waiting = new(); // in order of arrival
    private readonly List<Job> active = []; // only the decode thread changes it
    private bool isPosted;

    /// <summary>Called on the decode thread after each round with the number of requests that were advanced; null: no listener.</summary>
    public Action<int>? Told { get; init; }

    /// <summary>Requests being decoded, and requests waiting.</summary>
    public (int Running, int Waiting) Requests
    {
        get
        {
            lock (gate) return (active.Count, waiting.Count);
        }
    }

    /// <param name="rows">Rows of the K/V cache that the request needs.</param>
    /// <param name="continueHere">Continuations run synchronously on the decode thread.</param>
    /// <exception cref="EngineBusyException">Too many requests are waiting.</exception>
    public Task<InfillResult> Add(InfillRequest request, DecodeOptions options, int rows, DecodeWatch? watch, bool continueHere, CancellationToken cancellation)
    {
        var job = new Job(request, options, rows, watch, cancellation, continueHere);
        Job? superseded;
        bool starts;
        // Cancelled requests must not count towards the limits, however long the decode thread spends on a step.
        if (IsFull()) DropCancelled();
        lock (gate)
        {
            superseded = Superseded(job);
            if (superseded is not null) waiting.Remove(superseded);
            else Require(job);
            waiting.AddLast(job);
            starts = !isPosted;
            isPosted = true;
        }
        superseded?.Cancel();
        GiveWay();
        ObjectDisposedException.ThrowIf(starts && !post(Round), this);
        return job.Task;
    }

    private void Round()
    {
        do
        {
            DropCancelled();
            GiveWay();
            Admit();
            if (active.Count > 0) Advance();
            lock (gate) isPosted = waiting.Count + active.Count > 0;
        }
        // Reposted instead of looped, so that other work gets its turn between two steps; a thread that is shutting down finishes the requests first.
        while (isPosted && !post(Round));
    }

    private void Advance()
    {
        int advanced = driver.Round([.. active.Select(job => job.Infill!.Run)], Over);
        Told?.Invoke(advanced);
    }

    /// <summary>The waiting request that this one replaces; null: none. A prefetch replaces only prefetches.</summary>
    private Job? Superseded(Job job) => job.Request.Topic is { } topic
        ? waiting.FirstOrDefault(j => j.Request.Topic == topic && j.Request.Session == job.Request.Session && (j.IsAhead || !job.IsAhead))
        : null;

    /// <summary>Checks the limits; prefetches count only against prefetches.</summary>
    private void Require(Job job)
    {
        bool Counts(Job other) => job.IsAhead || !other.IsAhead;
        string session = job.Request.Session;
        limits.Require(waiting.Where(Counts).Select(j => j.Request.Session), session, active.Any(a => a.Request.Session == session && Counts(a)));
    }

    private bool IsFull()
    {
        lock (gate) return waiting.Count >= limits.Least;
    }

    private void DropCancelled()
    {
        Job[] gone;
        lock (gate)
        {
            gone = [.. waiting.Where(job => job.Cancellation.IsCancellationRequested || job.IsLate)];
            foreach (Job job in gone) waiting.Remove(job);
        }
        foreach (Job job in gone) job.Cancel();
    }

    /// <summary>Cancels running prefetches, even within a forward, once a caller's request is waiting or running.</summary>
    private void GiveWay()
    {
        Job[] gone;
        lock (gate) gone = active.Concat(waiting).All(job => job.IsAhead) ? [] : [.. active.Where(job => job.Request.Background?.TryGiveWay() == true)];
        foreach (Job job in gone) job.Leave();
    }

    /// <summary>Admits one request per session, among idle sessions in order of arrival; prefetches only if there is nothing else.</summary>
    private void Admit()
    {
        while (active.Count == 0 || active.Count < mostActive())
        {
            Job? next;
            lock (gate)
            {
                bool nobody = active.Concat(waiting).All(job => job.IsAhead);
                next = waiting.FirstOrDefault(job => (nobody || !job.IsAhead) && active.All(a => a.Request.Session != job.Request.Session) && sessions.HasRoom(job.Request.Session, job.Rows));
                if (next is null) return;
                waiting.Remove(next);
                active.Add(next);
            }
            Begin(next);
        }
    }

    private void Begin(Job job)
    {
        Session? session = null;
        try
        {
            job.Admit();
            session = sessions.Rent(job.Request.Session, job.Rows);
            job.Infill = infiller.Begin(job.Request, job.Options, session, job.Watch, job.Cancellation);
        }
        catch (Exception e)
        {
            if (session is not null) session.IsBusy = false;
            lock (gate) active.Remove(job);
            job.Fail(e);
        }
    }

    /// <summary>Ends the request of a finished decode.</summary>
    private void Over(DecodeRun run, Exception? error)
    {
        Job job = active.First(j => j.Infill!.Run == run);
        lock (gate) active.Remove(job);
        InfillResult? result = null;
        try
        {
            if (error is null) result = infiller.Finish(job.Infill!) with { Queued = job.Queued };
        }
        catch (Exception e)
        {
            error = e;
        }
        run.Dispose();
        job.Infill!.Session.IsBusy = false;
        if (result is null) job.Fail(error!);
        else job.Answer(result);
    }

    private sealed class Job
    {
        private readonly TaskCompletionSource<InfillResult> result;
        private readonly CancellationToken requester;
        private readonly CancellationTokenSource leaving;
        private readonly long arrived = Stopwatch.GetTimestamp();
        private bool isOver;

        public Job(InfillRequest request, DecodeOptions options, int rows, DecodeWatch? watch, CancellationToken requester, bool continueHere)
        {
            (Request, Options, Rows, Watch, this.requester) = (request, options, rows, watch, requester);
            result = new TaskCompletionSource<InfillResult>(continueHere ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
            leaving = CancellationTokenSource.CreateLinkedTokenSource(requester);
            Cancellation = leaving.Token;
        }

        public InfillRequest Request { get; private set; }
        public DecodeOptions Options { get; }
        public int Rows { get; }
        public DecodeWatch? Watch { get; }
        public CancellationToken Cancellation { get; }
        public Infill? Infill { get; set; }
        public Task<InfillResult> Task => result.Task;

        /// <summary>Whether it is a prefetch that no caller waits for.</summary>
        public bool IsAhead => Request.Background?.IsAhead == true;

        /// <summary>Milliseconds spent waiting.</summary>
        public double Queued { get; private set; }

        /// <summary>Whether its budget ran out while it waited.</summary>
        public bool IsLate => Request.BudgetHoldsWaiting && Stopwatch.GetElapsedTime(arrived) >= Request.Budget;

        public void Admit()
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(arrived);
            Queued = waited.TotalMilliseconds;
            if (Request.BudgetHoldsWaiting) Request = Request with { Budget = Request.Budget - waited };
        }

        /// <summary>Cancels the request although its caller has not.</summary>
        public void Leave()
        {
            lock (result)
            {
                if (!isOver) leaving.Cancel();
            }
        }

        public void Answer(InfillResult answer)
        {
            End();
            result.TrySetResult(answer);
        }

        public void Cancel()
        {
            End();
            result.TrySetCanceled(requester.IsCancellationRequested ? requester : new CancellationToken(true));
        }

        public void Fail(Exception error)
        {
            if (error is OperationCanceledException)
            {
                Cancel();
                return;
            }
            End();
            result.TrySetException(error);
        }

        private void End()
        {
            lock (result)
            {
                isOver = true;
                leaving.Dispose();
            }
        }
    }
}
