using System.Collections.Concurrent;
using Serilog;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// What need not be done before an answer is on its way: log lines, traces, figures. It is queued until the next answer has
/// been sent, and then done on a pool thread, in order. It is not the work itself that an answer would wait for, but the
/// waking of another thread, which can cost milliseconds where cores are few. It does not know what it does.
/// </summary>
internal sealed class PostResponseQueue(ILogger log)
{
    private readonly ConcurrentQueue<Action> waiting = new();
    private readonly Lock gate = new();

    /// <summary>For <see cref="Run"/>. Takes microseconds.</summary>
    public void Enqueue(Action action) => waiting.Enqueue(action);

    /// <summary>Runs what is queued on a pool thread. Call it when an answer has been sent, and where none will be.</summary>
    public void Run()
    {
        if (!waiting.IsEmpty) ThreadPool.UnsafeQueueUserWorkItem(static self => self.Finish(), this, preferLocal: false);
    }

    /// <summary>Does it here and now.</summary>
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
                    log.Error(e, "work behind a response failed");
                }
            }
        }
    }
}
