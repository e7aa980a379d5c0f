namespace DiffusionLsp.Engine.Tests;

/// <summary>Work that has ended frees its thread for reuse; concurrent work gets separate threads.</summary>
public sealed class LastingThreadTests
{
    [Fact]
    public async Task Who_comes_after_the_end_gets_a_thread_that_was_used()
    {
        var threads = new HashSet<LastingThread>();
        for (int i = 0; i < 50; i++)
        {
            bool isThere = false;
            (LastingThread thread, Task ended) = LastingThread.Run(() => isThere = true);
            await ended;
            threads.Add(thread);
            Assert.True(isThere);
        }
        Assert.InRange(threads.Count, 1, 40); // other tests take threads meanwhile
    }

    [Fact]
    public async Task Two_at_once_do_not_wait_for_each_other()
    {
        using var both = new Barrier(2);
        (LastingThread first, Task firstEnded) = LastingThread.Run(() => both.SignalAndWait());
        (LastingThread second, Task secondEnded) = LastingThread.Run(() => both.SignalAndWait());
        await Task.WhenAll(firstEnded, secondEnded).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.NotSame(first, second);
        Assert.False(first.IsCurrent);
    }
}
