using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// A loaded engine and its reference count. A retired engine grants no more leases and is disposed after the last one is
/// returned. It knows nothing of loading.
/// </summary>
/// <param name="left">Called after each lease is returned.</param>
internal sealed class SharedEngine(ICompletionEngine engine, Action<SharedEngine> left, ILogger log)
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int users;
    private bool retired;

    public bool IsInUse => Volatile.Read(ref users) > 0;

    public bool IsRetired => Volatile.Read(ref retired);

    /// <summary>A new lease; null: the engine is retired.</summary>
    public EngineLease? TryEnter()
    {
        lock (gate)
        {
            if (retired) return null;
            users++;
            return new EngineLease(this, engine);
        }
    }

    /// <summary>Retires the engine; the task ends when it is disposed, which is at once if it is not in use.</summary>
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
        // Not on this thread: it may be the engine's own, which disposing waits for.
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

/// <summary>A lease on an engine, which is not disposed before its leases. Disposing a lease twice is harmless.</summary>
internal sealed class EngineLease(SharedEngine shared, ICompletionEngine engine) : IDisposable
{
    private int isDisposed;

    public ICompletionEngine Engine => engine;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 0) shared.Leave();
    }
}
