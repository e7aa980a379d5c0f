using System.Collections.Concurrent;
using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine;

/// <summary>The one thread that touches the device. Work runs in order, one piece at a time; no await ever sees a tensor.</summary>
internal sealed class DecodeThread : IDisposable
{
    private readonly BlockingCollection<Action> queue = [];
    private readonly Thread thread;

    public DecodeThread()
    {
        thread = new Thread(() =>
        {
            LongSlices.Ask();
            foreach (Action work in queue.GetConsumingEnumerable()) work();
        }, maxStackSize: 16 << 20)
        { IsBackground = true, Name = "decode" };
        thread.Start();
    }

    /// <summary>Runs a function on the thread. If it is cancelled before its turn comes, it never runs.</summary>
    public Task<T> Run<T>(Func<T> function, CancellationToken cancellation)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add(() =>
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                result.SetResult(function());
            }
            catch (OperationCanceledException e) { result.SetCanceled(e.CancellationToken); }
            catch (Exception e) { result.SetException(e); }
        }, CancellationToken.None);
        return result.Task;
    }

    /// <summary>Waits for the work under way and ends the thread; queued work still runs.</summary>
    public void Dispose()
    {
        queue.CompleteAdding();
        if (Thread.CurrentThread != thread) thread.Join();
        queue.Dispose();
    }
}
