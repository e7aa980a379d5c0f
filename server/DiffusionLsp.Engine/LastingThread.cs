using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine;

/// <summary>
/// A thread that serves one user after the other and never ends. OpenMP, MKL and the C library keep buffers for every thread
/// that computes and do not give them back when it ends, so an engine that is loaded again must compute on the same one.
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

    /// <summary>Whether the caller is on this thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == thread;

    /// <summary>Runs work on an idle thread, a new one if there is none.</summary>
    /// <param name="work">It must not throw.</param>
    /// <returns>The thread, which is the work's until that ends, and a task that ends with it.</returns>
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
            lock (Idle) Idle.Push(this); // before it is told, so that who waits for the end and goes on gets this one
            ended.SetResult();
        }
    }
}
