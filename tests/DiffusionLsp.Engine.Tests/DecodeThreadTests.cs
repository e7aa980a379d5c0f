namespace DiffusionLsp.Engine.Tests;

public sealed class DecodeThreadTests : IDisposable
{
    private readonly DecodeThread thread = new();

    [Fact]
    public async Task Work_runs_in_order_on_one_thread()
    {
        var ran = new List<(int, int)>();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => thread.Run(() =>
        {
            ran.Add((i, Environment.CurrentManagedThreadId));
            return i;
        }, CancellationToken.None)));
        Assert.Equal(Enumerable.Range(0, 50), ran.Select(r => r.Item1));
        Assert.Single(ran.Select(r => r.Item2).Distinct());
    }

    [Fact]
    public async Task What_awaits_goes_on_there_only_when_it_is_asked_for()
    {
        using var begin = new ManualResetEventSlim(); // so that both are awaited before they end
        int here = 0, elsewhere = 0;
        Task first = ContinueAsync(thread.Run(Id, CancellationToken.None, continueHere: true), id => here = id);
        Task second = ContinueAsync(thread.Run(Id, CancellationToken.None), id => elsewhere = id);
        begin.Set();
        await Task.WhenAll(first, second);
        int there = await thread.Run(Id, CancellationToken.None);
        Assert.Equal(there, here);
        Assert.NotEqual(there, elsewhere);

        int Id()
        {
            begin.Wait();
            return Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public async Task Failures_and_cancellations_are_those_of_the_work_and_queued_work_still_runs_at_the_end()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => thread.Run<int>(() => throw new InvalidOperationException(), CancellationToken.None, continueHere: true));
        await Assert.ThrowsAsync<TaskCanceledException>(() => thread.Run(() => 1, new CancellationToken(true)));
        using var begin = new ManualResetEventSlim();
        Task<bool> held = thread.Run(() => begin.Wait(TimeSpan.FromSeconds(10)), CancellationToken.None);
        Task<int> queued = thread.Run(() => 2, CancellationToken.None);
        Task disposal = Task.Run(thread.Dispose);
        begin.Set();
        await disposal;
        Assert.True(await held);
        Assert.Equal(2, await queued);
        Assert.Throws<ObjectDisposedException>(() => { _ = thread.Run(() => 3, CancellationToken.None); });
    }

    public void Dispose() => thread.Dispose();

    private static async Task ContinueAsync(Task<int> work, Action<int> then)
    {
        await work.ConfigureAwait(false);
        then(Environment.CurrentManagedThreadId);
    }
}
