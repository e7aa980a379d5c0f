using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// A loaded engine and the number of its users. A retired engine takes no new users and is disposed when the last one has
/// left. It knows nothing of loading.
/// </summary>
/// <param name="left">Called after each user has left.</param>
internal sealed class SharedEngine(ICompletionEngine engine, Action<SharedEngine> left, ILogger log)
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int users;
    private bool retired;

    public bool IsInUse => Volatile.Read(ref users) > 0;

    public bool IsRetired => Volatile.Read(ref retired);

    /// <summary>One more user; null: the engine is retired.</summary>
    public EngineLease? TryEnter()
    {
        lock (gate)
        {
            if (retired) return null;
            users++;
            return new EngineLease(this, engine);
        }
    }

    /// <summary>Ends when the engine is disposed: before this returns, if nobody uses it.</summary>
    public Task RetireAsync()
    {
        bool isUnused;
        lock (gate)
        {
            isUnused = !retired && users == 0;
            retired = true;
        }
        if (isUnused) DisposeEngine();
        return disposed.Task;
    }

    internal void Leave()
    {
        bool isLast;
        lock (gate) isLast = --users == 0 && retired;
        // Not here: the user may be on the engine's own thread, for whose end disposing waits.
        if (isLast) _ = Task.Run(DisposeEngine);
        left(this);
    }

    private void DisposeEngine()
    {
        try
        {
            engine.Dispose();
        }
        catch (Exception e)
        {
            log.Error(e, "the model could not be unloaded");
        }
        disposed.SetResult();
    }
}

/// <summary>One use of an engine, which is not disposed before the lease is. Disposing a lease twice does no harm.</summary>
internal sealed class EngineLease(SharedEngine shared, ICompletionEngine engine) : IDisposable
{
    private int isDisposed;

    public ICompletionEngine Engine => engine;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 0) shared.Leave();
    }
}
