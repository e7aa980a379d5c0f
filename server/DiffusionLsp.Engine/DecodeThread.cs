using System.Diagnostics;

namespace DiffusionLsp.Engine;

/// <summary>The one thread that touches the device. Work runs in order, one piece at a time; no await ever sees a tensor.</summary>
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

    /// <summary>Runs a function on the thread. If it is cancelled before its turn comes, it never runs.</summary>
    /// <param name="continueHere">What awaits the result goes on at once, on this thread; it must not wait there for other work of this thread.</param>
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

    /// <summary>Runs work on the thread, after what it was given before.</summary>
    /// <param name="work">It must not throw.</param>
    /// <returns>False: the thread has ended or will, so it may never run.</returns>
    public bool Post(Action work) => Add(work);

    /// <summary>
    /// Waits for a while, and then for the thread, on which what awaits this goes on. Work that it adds begins without another
    /// thread having to wake up.
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

    /// <summary>Waits for the work under way and ends the thread; queued work still runs.</summary>
    public void Dispose()
    {
        lock (queue)
        {
            closed = true;
            Monitor.Pulse(queue);
        }
        if (!thread.IsCurrent) ended.Wait();
    }

    /// <returns>False: the thread has ended or will.</returns>
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

    /// <summary>Waits for work that is due; null: there will be no more.</summary>
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
