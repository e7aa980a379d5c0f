using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Completion.Postprocess;

namespace DiffusionLsp.Server.Serve;

/// <summary>One decode and the requests that wait for it; it is cancelled when the last of them has left. It knows nothing of limits.</summary>
/// <param name="lease">Released when the decode ends.</param>
internal sealed class SharedFill(ServeRequest request, string session, EngineLease lease)
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly BackgroundTicket? background = request.Background ? new BackgroundTicket() : null;
    private int waiting = 1;
    private bool isAsked; // the engine has received it

    public ServeRequest Request => request;

    public string Session => session;

    public ICompletionEngine Engine => lease.Engine;

    /// <summary>The decode, once it has begun.</summary>
    public Task<Filled> Task { get; private set; } = System.Threading.Tasks.Task.FromCanceled<Filled>(new CancellationToken(canceled: true));

    /// <summary>Starts decoding on another thread; a failure to start becomes the decode's failure.</summary>
    /// <param name="make">Creates the call on that thread, because indexing related texts takes time.</param>
    /// <param name="patience">Time after which nobody wants the text any more; decoding is then cancelled.</param>
    /// <param name="decoded">Called on another thread with the result, before any client receives it, so that a client with an answer finds it counted.</param>
    /// <param name="ended">Called on another thread when the decode has ended, for whatever reason.</param>
    public void Begin(Func<InfillCall> make, TimeSpan patience, Action<InfillResult> decoded, Action<SharedFill> ended)
    {
        stop.CancelAfter(patience);
        Task = System.Threading.Tasks.Task.Run(async () =>
        {
            InfillCall call = make();
            lock (gate)
            {
                stop.Token.ThrowIfCancellationRequested();
                isAsked = true;
            }
            Task<InfillResult> decode = Engine.InfillAsync(call.Request with { Background = background }, call.Options, stop.Token);
            InfillResult result = await decode.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // leaves the decode thread
            decoded(result);
            return new Filled(result, call.Surroundings);
        });
        _ = Task.ContinueWith(task =>
        {
            _ = task.Exception; // marks the exception as observed, since nobody may be waiting any more
            lease.Dispose();
            ended(this);
            lock (gate) stop.Dispose();
        }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Adds a waiting request; false: all others have left already, or the decode has yielded.</summary>
    /// <param name="ahead">Whether the new request is a prefetch too.</param>
    public bool TryJoin(bool ahead)
    {
        lock (gate)
        {
            if (waiting == 0 || Task.IsCompleted || (!ahead && background?.TryPromote() == false)) return false;
            waiting++;
            return true;
        }
    }

    /// <summary>Cancels the decode if a newer request arrived before the engine received this one.</summary>
    public void Supersede()
    {
        lock (gate)
        {
            if (!isAsked && !Task.IsCompleted) stop.Cancel();
        }
    }

    public void Leave()
    {
        lock (gate)
        {
            if (--waiting == 0 && !Task.IsCompleted) stop.Cancel();
        }
    }
}

/// <summary>The result of a decode, and the text around the hole that post-processing needs.</summary>
internal sealed record Filled(InfillResult Result, Surroundings Surroundings);

/// <summary>One request's share in a decode.</summary>
internal sealed class FillTicket(SharedFill fill) : IDisposable
{
    public Task<Filled> Result => fill.Task;

    public void Dispose() => fill.Leave();
}
