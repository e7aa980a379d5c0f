using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine;

/// <summary>
/// Takes requests in and decodes them in rounds on the decode thread: drop who has left, admit in fair order, take every active
/// request one forward further, answer who is done, and again. Where rows are dear only one is active, to its end.
/// </summary>
/// <param name="post">Runs a piece of work on the decode thread; false: it has ended.</param>
/// <param name="mostActive">How many may be active; asked on the decode thread when a second request waits.</param>
/// <param name="mostWaiting">How many may wait.</param>
internal sealed class InfillScheduler(Infiller infiller, SessionPool sessions, DecodeDriver driver, Func<Action, bool> post, Func<int> mostActive, int mostWaiting)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Job> waiting = new(); // in order of arrival
    private readonly List<Job> active = []; // the decode thread's own
    private bool isPosted;

    /// <summary>Requests that are decoded or wait.</summary>
    public int Pending
    {
        get
        {
            lock (gate) return waiting.Count + active.Count;
        }
    }

    /// <param name="rows">Rows of the K/V cache that the request needs.</param>
    /// <param name="continueHere">What awaits the result goes on at once, on the decode thread.</param>
    /// <exception cref="EngineException">Too many requests wait.</exception>
    public Task<InfillResult> Add(InfillRequest request, DecodeOptions options, int rows, DecodeWatch? watch, bool continueHere, CancellationToken cancellation)
    {
        var job = new Job(request, options, rows, watch, cancellation, continueHere);
        Job? superseded = null;
        bool starts;
        // Who has left takes no place, however long the decode thread is busy with one step.
        if (IsFull()) DropCancelled();
        lock (gate)
        {
            if (request.Topic is not null) superseded = waiting.FirstOrDefault(j => j.Request.Topic == request.Topic && j.Request.Session == request.Session);
            if (superseded is not null) waiting.Remove(superseded);
            else if (waiting.Count >= mostWaiting) throw new EngineException($"The model has {mostWaiting} requests waiting already; ask again later, or run a second server.");
            waiting.AddLast(job);
            starts = !isPosted;
            isPosted = true;
        }
        superseded?.Cancel();
        ObjectDisposedException.ThrowIf(starts && !post(Round), this);
        return job.Task;
    }

    private void Round()
    {
        do
        {
            DropCancelled();
            Admit();
            if (active.Count > 0) driver.Round([.. active.Select(job => job.Infill!.Run)], Over);
            lock (gate) isPosted = waiting.Count + active.Count > 0;
        }
        // Posted anew instead of looped, so that other work of the thread gets its turn between two steps; a thread that ends finishes first.
        while (isPosted && !post(Round));
    }

    private bool IsFull()
    {
        lock (gate) return waiting.Count >= mostWaiting;
    }

    private void DropCancelled()
    {
        Job[] gone;
        lock (gate)
        {
            gone = [.. waiting.Where(job => job.Cancellation.IsCancellationRequested)];
            foreach (Job job in gone) waiting.Remove(job);
        }
        foreach (Job job in gone) job.Cancel();
    }

    /// <summary>One request per session; among those whose session is free, in order of arrival.</summary>
    private void Admit()
    {
        while (active.Count == 0 || active.Count < mostActive())
        {
            Job? next;
            lock (gate)
            {
                next = waiting.FirstOrDefault(job => active.All(a => a.Request.Session != job.Request.Session) && sessions.HasRoom(job.Request.Session, job.Rows));
                if (next is null) return;
                waiting.Remove(next);
            }
            Begin(next);
        }
    }

    private void Begin(Job job)
    {
        Session? session = null;
        try
        {
            session = sessions.Rent(job.Request.Session, job.Rows);
            job.Infill = infiller.Begin(job.Request, job.Options, session, job.Watch, job.Cancellation);
            lock (gate) active.Add(job);
        }
        catch (Exception e)
        {
            if (session is not null) session.IsBusy = false;
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
            if (error is null) result = infiller.Finish(job.Infill!);
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

    private sealed class Job(InfillRequest request, DecodeOptions options, int rows, DecodeWatch? watch, CancellationToken cancellation, bool continueHere)
    {
        private readonly TaskCompletionSource<InfillResult> result = new(continueHere ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

        public InfillRequest Request => request;
        public DecodeOptions Options => options;
        public int Rows => rows;
        public DecodeWatch? Watch => watch;
        public CancellationToken Cancellation => cancellation;
        public Infill? Infill { get; set; }
        public Task<InfillResult> Task => result.Task;

        public void Answer(InfillResult answer) => result.TrySetResult(answer);

        public void Cancel() => result.TrySetCanceled(cancellation.IsCancellationRequested ? cancellation : new CancellationToken(true));

        public void Fail(Exception error)
        {
            if (error is OperationCanceledException) Cancel();
            else result.TrySetException(error);
        }
    }
}
