using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Serve;

/// <summary>One decode and the requests that wait for it: it is cancelled when the last of them has left. It knows nothing of limits.</summary>
/// <param name="lease">Belongs to the decode.</param>
internal sealed class SharedFill(ServeRequest request, string session, EngineLease lease)
{
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private int waiting = 1;

    public ServeRequest Request => request;

    public string Session => session;

    public ICompletionEngine Engine => lease.Engine;

    /// <summary>The decode, once it has begun.</summary>
    public Task<InfillResult> Task { get; private set; } = System.Threading.Tasks.Task.FromCanceled<InfillResult>(new CancellationToken(canceled: true));

    /// <summary>Begins to decode; a failure to begin is the decode's.</summary>
    /// <param name="patience">After which nobody wants the text.</param>
    /// <param name="ended">Called on another thread when it has ended.</param>
    public void Begin(InfillCall call, TimeSpan patience, Action<SharedFill> ended)
    {
        stop.CancelAfter(patience);
        Task = System.Threading.Tasks.Task.Run(() => Engine.InfillAsync(call.Request, call.Options, stop.Token));
        _ = Task.ContinueWith(task =>
        {
            _ = task.Exception; // whoever waits has it too; nobody may wait any longer
            lease.Dispose();
            ended(this);
            lock (gate) stop.Dispose();
        }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>One more waits; false: everybody has left already.</summary>
    public bool TryJoin()
    {
        lock (gate)
        {
            if (waiting == 0 || Task.IsCompleted) return false;
            waiting++;
            return true;
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

/// <summary>One request's share in a decode.</summary>
internal sealed class FillTicket(SharedFill fill) : IDisposable
{
    public Task<InfillResult> Result => fill.Task;

    public void Dispose() => fill.Leave();
}
