using System.Collections.Concurrent;
using Serilog;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// Defers work that need not precede an answer: log lines, traces, statistics. It is queued until the next answer has been sent, and then
/// runs on a pool thread, in order. What it saves is not the work itself but waking another thread, which can take milliseconds where
/// cores are few. It does not know what the work is.
/// </summary>
internal sealed class PostResponseQueue(ILogger log)
{
    private readonly ConcurrentQueue<Action> waiting = new();
    private readonly Lock gate = new();

    /// <summary>Queues an action for <see cref="Run"/>. Takes microseconds.</summary>
    public void Enqueue(Action action) => waiting.Enqueue(action);

    /// <summary>Runs the queued actions on a pool thread. Call it after sending an answer, or when none will be sent.</summary>
    public void Run()
    {
        if (!waiting.IsEmpty) ThreadPool.UnsafeQueueUserWorkItem(static self => self.Finish(), this, preferLocal: false);
    }

    /// <summary>Runs the queued actions on this thread.</summary>
    public void Finish()
    {
        lock (gate)
        {
            while (waiting.TryDequeue(out Action? action))
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    log.Error(e, "deferred work after a response failed");
                }
            }
        }
    }
}
