using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine;

/// <summary>The one thread that touches the device. Work runs in order, one piece at a time; no await ever sees a tensor.</summary>
internal sealed class DecodeThread : IDisposable
{
    private readonly Queue<Action> queue = []; // BlockingCollection would spin for a while before it sleeps
    private readonly Thread thread;
    private bool closed;

    public DecodeThread()
    {
        thread = new Thread(() =>
        {
            LongSlices.Ask();
            while (Next() is { } work) work();
        }, maxStackSize: 16 << 20)
        { IsBackground = true, Name = "decode" };
        thread.Start();
    }

    /// <summary>Runs a function on the thread. If it is cancelled before its turn comes, it never runs.</summary>
    /// <param name="continueHere">What awaits the result goes on at once, on this thread; it must not wait there for other work of this thread.</param>
    public Task<T> Run<T>(Func<T> function, CancellationToken cancellation, bool continueHere = false)
    {
        var result = new TaskCompletionSource<T>(continueHere ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        Add(() =>
        {
            T value;
            try
            {
                cancellation.ThrowIfCancellationRequested();
                value = function();
            }
            catch (OperationCanceledException e)
            {
                result.SetCanceled(e.CancellationToken);
                return;
            }
            catch (Exception e)
            {
                result.SetException(e);
                return;
            }
            result.SetResult(value);
        });
        return result.Task;
    }

    /// <summary>Waits for the work under way and ends the thread; queued work still runs.</summary>
    public void Dispose()
    {
        lock (queue)
        {
            closed = true;
            Monitor.Pulse(queue);
        }
        if (Thread.CurrentThread != thread) thread.Join();
    }

    private void Add(Action work)
    {
        lock (queue)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            queue.Enqueue(work);
            Monitor.Pulse(queue);
        }
    }

    /// <summary>Waits for work; null: there will be no more.</summary>
    private Action? Next()
    {
        lock (queue)
        {
            while (queue.Count == 0)
            {
                if (closed) return null;
                Monitor.Wait(queue);
            }
            return queue.Dequeue();
        }
    }
}
