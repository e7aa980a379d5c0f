using DiffusionLsp.Server.Dispatch;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests;

public class PostResponseQueueTests
{
    private readonly PostResponseQueue postResponse = new(Logger.None);
    private readonly List<int> done = [];

    [Fact]
    public async Task Nothing_is_done_before_an_answer_has_been_sent_and_then_all_in_order()
    {
        for (int i = 0; i < 100; i++)
        {
            int number = i;
            postResponse.Enqueue(() => done.Add(number));
        }
        var end = new TaskCompletionSource();
        postResponse.Enqueue(end.SetResult);
        Assert.Empty(done);
        postResponse.Run();
        await end.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(Enumerable.Range(0, 100), done);
    }

    [Fact]
    public void What_fails_keeps_nothing_else_from_being_done()
    {
        postResponse.Enqueue(() => throw new InvalidOperationException("no"));
        postResponse.Enqueue(() => done.Add(1));
        postResponse.Finish();
        Assert.Equal([1], done);
    }
}
