using System.Diagnostics;

namespace DiffusionLsp.Engine;

/// <summary>The only thread that touches the device. Work runs in order, one piece at a time; no tensor crosses an await.</summary>
internal sealed class DecodeThread : IDisposable
{
    private readonly PriorityQueue<Action, (long Due, long Number)> queue = new();
    private readonly LastingThread thread;
    private readonly Task ended;
    private long lastNumber;
    private long sleepsUntil; // 0: it is awake
    private bool closed;

    public DecodeThread()
    {
        (thread, ended) = LastingThread.Run(() =>
        {
            while (Next() is { } work) work();
        });
    }

    /// <summary>Runs a function on the thread; it does not run if it is cancelled before its turn.</summary>
    /// <param name="continueHere">Continuations run synchronously on this thread; they must not block on other work of this thread.</param>
    public Task<T> Run<T>(Func<T> function, CancellationToken cancellation, bool continueHere = false)
    {
        var result = new TaskCompletionSource<T>(continueHere ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
        bool added = Add(() =>
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
        ObjectDisposedException.ThrowIf(!added, this);
        return result.Task;
    }

    /// <summary>Queues work on the thread.</summary>
    /// <param name="work">Must not throw.</param>
    /// <returns>False: the thread has ended or is ending, so the work may never run.</returns>
    public bool Post(Action work) => Add(work);

    /// <summary>
    /// Waits for a delay and then for the thread. Continuations run on the thread, so work that they queue starts without waking
    /// another thread.
    /// </summary>
    public Task TurnAsync(TimeSpan delay, CancellationToken cancellation)
    {
        var turn = new TaskCompletionSource();
        CancellationTokenRegistration registration = cancellation.UnsafeRegister((_, token) => turn.TrySetCanceled(token), null);
        bool added = Add(() =>
        {
            registration.Unregister();
            turn.TrySetResult();
        }, delay);
        return added ? turn.Task : Task.CompletedTask;
    }

    /// <summary>Waits for the running work and ends the thread; queued work still runs.</summary>
    public void Dispose()
    {
        lock (queue)
        {
            closed = true;
            Monitor.Pulse(queue);
        }
        if (!thread.IsCurrent) ended.Wait();
    }

    /// <returns>False: the thread has ended or is ending.</returns>
    private bool Add(Action work, TimeSpan delay = default)
    {
        lock (queue)
        {
            if (closed) return false;
            long due = Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency);
            queue.Enqueue(work, (due, ++lastNumber));
            if (due < sleepsUntil) Monitor.Pulse(queue);
            return true;
        }
    }

    /// <summary>Waits for work that is due; null: there will be none.</summary>
    private Action? Next()
    {
        lock (queue)
        {
            while (true)
            {
                bool any = queue.TryPeek(out Action? work, out (long Due, long) order);
                if (any && (closed || order.Due <= Stopwatch.GetTimestamp())) return queue.Dequeue();
                if (!any && closed) return null;
                sleepsUntil = any ? order.Due : long.MaxValue;
                Monitor.Wait(queue, any ? (int)Math.Ceiling(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), order.Due).TotalMilliseconds) : Timeout.Infinite);
                sleepsUntil = 0;
            }
        }
    }
}
