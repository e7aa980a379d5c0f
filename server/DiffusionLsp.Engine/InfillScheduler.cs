using System.Diagnostics;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine;

/// <summary>
/// Takes requests in and decodes them in rounds on the decode thread: drop who has left, admit in fair order, take every active
/// request one forward further, answer who is done, and again. Where rows are dear only one is active, to its end. Those made
/// ahead of time give way to all others.
/// </summary>
/// <param name="post">Runs a piece of work on the decode thread; false: it has ended.</param>
/// <param name="mostActive">How many may be active; asked on the decode thread when a second request waits.</param>
internal sealed class InfillScheduler(Infiller infiller, SessionPool sessions, DecodeDriver driver, Func<Action, bool> post, Func<int> mostActive, WaitingLimits limits)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Job> waiting = new(); // in order of arrival
    private readonly List<Job> active = []; // the decode thread's own
    private bool isPosted;

    /// <summary>Told after each round, on the decode thread, how many requests it took further; null: nobody listens.</summary>
    public Action<int>? Told { get; init; }

    /// <summary>Requests that are decoded, and those that wait.</summary>
    public (int Running, int Waiting) Requests
    {
        get
        {
            lock (gate) return (active.Count, waiting.Count);
        }
    }

    /// <param name="rows">Rows of the K/V cache that the request needs.</param>
    /// <param name="continueHere">What awaits the result goes on at once, on the decode thread.</param>
    /// <exception cref="EngineBusyException">Too many requests wait.</exception>
    public Task<InfillResult> Add(InfillRequest request, DecodeOptions options, int rows, DecodeWatch? watch, bool continueHere, CancellationToken cancellation)
    {
        var job = new Job(request, options, rows, watch, cancellation, continueHere);
        Job? superseded;
        bool starts;
        // Who has left takes no place, however long the decode thread is busy with one step.
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
        // Posted anew instead of looped, so that other work of the thread gets its turn between two steps; a thread that ends finishes first.
        while (isPosted && !post(Round));
    }

    private void Advance()
    {
        int advanced = driver.Round([.. active.Select(job => job.Infill!.Run)], Over);
        Told?.Invoke(advanced);
    }

    /// <summary>The one that waits and that this one makes pointless. What is made ahead of time does so to nothing that somebody waits for.</summary>
    private Job? Superseded(Job job) => job.Request.Topic is { } topic
        ? waiting.FirstOrDefault(j => j.Request.Topic == topic && j.Request.Session == job.Request.Session && (j.IsAhead || !job.IsAhead))
        : null;

    /// <summary>What is made ahead of time is in the way only of its like.</summary>
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

    /// <summary>Cancels what is decoded ahead of time, if somebody waits or is served: also within a forward.</summary>
    private void GiveWay()
    {
        Job[] gone;
        lock (gate) gone = active.Concat(waiting).All(job => job.IsAhead) ? [] : [.. active.Where(job => job.Request.Background?.TryGiveWay() == true)];
        foreach (Job job in gone) job.Leave();
    }

    /// <summary>One request per session; among those whose session is free, in order of arrival. What is made ahead of time, only if there is nothing else.</summary>
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

    /// <summary>One decode has ended.</summary>
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

        /// <summary>Whether nobody waits for it.</summary>
        public bool IsAhead => Request.Background?.IsAhead == true;

        /// <summary>Milliseconds that it waited.</summary>
        public double Queued { get; private set; }

        /// <summary>Whether its time was over before its turn came.</summary>
        public bool IsLate => Request.BudgetHoldsWaiting && Stopwatch.GetElapsedTime(arrived) >= Request.Budget;

        public void Admit()
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(arrived);
            Queued = waited.TotalMilliseconds;
            if (Request.BudgetHoldsWaiting) Request = Request with { Budget = Request.Budget - waited };
        }

        /// <summary>It is cancelled, though its requester has not left.</summary>
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
