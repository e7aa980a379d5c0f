using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine;

/// <summary>
/// A thread that serves one owner after another and never ends. OpenMP, MKL and the C library allocate buffers for every thread
/// that computes and never free them, so an engine that is loaded again must compute on the same thread.
/// </summary>
internal sealed class LastingThread
{
    private static readonly Stack<LastingThread> Idle = [];

    private readonly Thread thread;
    private readonly SemaphoreSlim given = new(0);
    private (Action Work, TaskCompletionSource Ended)? job;

    private LastingThread()
    {
        // 16 MB: libtorch's stacks are deep.
        thread = new Thread(Serve, maxStackSize: 16 << 20) { IsBackground = true, Name = "decode" };
        thread.Start();
    }

    /// <summary>Whether the caller runs on this thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == thread;

    /// <summary>Runs work on an idle thread, or a new one if there is none.</summary>
    /// <param name="work">Must not throw.</param>
    /// <returns>The thread, reserved until the work ends, and a task that completes when it does.</returns>
    public static (LastingThread Thread, Task Ended) Run(Action work)
    {
        LastingThread? free;
        lock (Idle) Idle.TryPop(out free);
        free ??= new LastingThread();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        free.job = (work, ended);
        free.given.Release();
        return (free, ended.Task);
    }

    private void Serve()
    {
        LongSlices.Ask();
        while (true)
        {
            given.Wait();
            (Action work, TaskCompletionSource ended) = job!.Value;
            work();
            job = null;
            lock (Idle) Idle.Push(this); // before the task completes, so that a caller who awaits it gets this thread next time
            ended.SetResult();
        }
    }
}
