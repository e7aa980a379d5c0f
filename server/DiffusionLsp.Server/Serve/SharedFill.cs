using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Completion.Postprocess;

namespace DiffusionLsp.Server.Serve;

/// <summary>One decode and the requests that wait for it: it is cancelled when the last of them has left. It knows nothing of limits.</summary>
/// <param name="lease">Belongs to the decode.</param>
internal sealed class SharedFill(ServeRequest request, string session, EngineLease lease)
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly BackgroundTicket? background = request.Background ? new BackgroundTicket() : null;
    private int waiting = 1;
    private bool isAsked; // the engine knows of it

    public ServeRequest Request => request;

    public string Session => session;

    public ICompletionEngine Engine => lease.Engine;

    /// <summary>The decode, once it has begun.</summary>
    public Task<Filled> Task { get; private set; } = System.Threading.Tasks.Task.FromCanceled<Filled>(new CancellationToken(canceled: true));

    /// <summary>Begins to decode on another thread; a failure to begin is the decode's.</summary>
    /// <param name="make">Makes the call, on that thread: indexing related texts takes its time.</param>
    /// <param name="patience">After which nobody wants the text.</param>
    /// <param name="ended">Called on another thread when it has ended.</param>
    public void Begin(Func<InfillCall> make, TimeSpan patience, Action<SharedFill> ended)
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
            return new Filled(await decode.ConfigureAwait(ConfigureAwaitOptions.ForceYielding), call.Surroundings); // off the decode thread
        });
        _ = Task.ContinueWith(task =>
        {
            _ = task.Exception; // whoever waits has it too; nobody may wait any longer
            lease.Dispose();
            ended(this);
            lock (gate) stop.Dispose();
        }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>One more waits; false: everybody has left already, or it has given way.</summary>
    /// <param name="ahead">That one, too, asks ahead of time.</param>
    public bool TryJoin(bool ahead)
    {
        lock (gate)
        {
            if (waiting == 0 || Task.IsCompleted || (!ahead && background?.TryPromote() == false)) return false;
            waiting++;
            return true;
        }
    }

    /// <summary>A newer one has come before the engine knew of this one, which is therefore pointless.</summary>
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

/// <summary>What a decode wrote, and the text around the hole by which it is judged.</summary>
internal sealed record Filled(InfillResult Result, Surroundings Surroundings);

/// <summary>One request's share in a decode.</summary>
internal sealed class FillTicket(SharedFill fill) : IDisposable
{
    public Task<Filled> Result => fill.Task;

    public void Dispose() => fill.Leave();
}
