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

    [Fact]
    public async Task A_turn_waits_goes_on_there_and_lets_other_work_by()
    {
        int there = await thread.Run(() => Environment.CurrentManagedThreadId, CancellationToken.None), here = 0;
        Task turn = TurnAsync();
        await thread.Run(() => 1, CancellationToken.None);
        Assert.False(turn.IsCompleted); // what is due now is not kept waiting
        thread.Dispose(); // whoever waits need not wait any longer
        await turn;
        Assert.Equal(there, here);
        await thread.TurnAsync(TimeSpan.FromHours(1), CancellationToken.None);

        async Task TurnAsync()
        {
            await thread.TurnAsync(TimeSpan.FromHours(1), CancellationToken.None).ConfigureAwait(false);
            here = Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public async Task Turns_come_in_the_order_in_which_they_are_due_unless_they_are_cancelled()
    {
        using var source = new CancellationTokenSource();
        Task cancelled = thread.TurnAsync(TimeSpan.FromHours(1), source.Token);
        Task late = thread.TurnAsync(TimeSpan.FromMilliseconds(60), CancellationToken.None);
        await thread.TurnAsync(TimeSpan.FromMilliseconds(5), CancellationToken.None); // wakes it earlier than it meant to
        await late;
        Assert.False(cancelled.IsCompleted);
        source.Cancel();
        await Assert.ThrowsAsync<TaskCanceledException>(() => cancelled);
    }

    public void Dispose() => thread.Dispose();

    private static async Task ContinueAsync(Task<int> work, Action<int> then)
    {
        await work.ConfigureAwait(false);
        then(Environment.CurrentManagedThreadId);
    }
}
