using DiffusionLsp.Server.Remote;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>When a remote engine is used, left alone and tried again.</summary>
public sealed class RemoteHealthTests
{
    private static readonly RemoteException Down = new(RemoteFailure.Unreachable, "it is down");

    private readonly ManualTime time = new();
    private readonly RemoteHealth health;
    private Exception? probed = Down;
    private int probes, changes;

    public RemoteHealthTests()
    {
        health = new RemoteHealth(() =>
        {
            probes++;
            return probed is null ? Task.CompletedTask : Task.FromException(probed);
        }, time);
        health.Changed += () => changes++;
    }

    private void Fail(int times)
    {
        for (int i = 0; i < times; i++) health.NoteFailure(Down);
    }

    [Fact]
    public void Three_failures_in_a_row_open_it_and_fewer_do_not()
    {
        Fail(2);
        health.NoteSuccess();
        Fail(2);
        Assert.True(health.MayAsk());
        Fail(1);
        Assert.False(health.MayAsk());
        Assert.Equal(("it is down", 1), (health.Problem, changes));
    }

    [Fact]
    public async Task It_is_probed_after_longer_and_longer_rests_and_closes_when_the_engine_is_back()
    {
        Fail(3);
        foreach (int seconds in new[] { 5, 10, 20, 40, 60, 60 })
        {
            int before = probes;
            time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
            Assert.False(health.MayAsk());
            await health.Probing;
            Assert.Equal(before, probes);
            time.Advance(TimeSpan.FromSeconds(0.2));
            Assert.False(health.MayAsk()); // who comes now does not wait for the probe
            await health.Probing;
            Assert.Equal(before + 1, probes);
        }
        probed = null;
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.False(health.MayAsk());
        await health.Probing;
        Assert.True(health.MayAsk());
        Assert.Null(health.Problem);
        Fail(3);
        time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.False(health.MayAsk());
        await health.Probing;
        Assert.True(health.MayAsk()); // it began with 5 s again
    }

    [Fact]
    public async Task A_busy_engine_is_left_alone_for_as_long_as_it_says()
    {
        probed = null;
        health.NoteFailure(new RemoteException(RemoteFailure.Busy, "it is busy", TimeSpan.FromSeconds(30)));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(health.MayAsk());
        await health.Probing;
        Assert.Equal(0, probes);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(health.MayAsk());
        await health.Probing;
        Assert.True(health.MayAsk());
    }

    [Fact]
    public async Task An_engine_that_refuses_is_not_asked_again()
    {
        probed = null;
        health.NoteFailure(new RemoteException(RemoteFailure.Refused, "wrong key"));
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(health.MayAsk());
        await health.Probing;
        Assert.Equal(0, probes);
    }

    [Theory]
    [InlineData(nameof(RemoteFailure.Private))]
    [InlineData(nameof(RemoteFailure.Unsuitable))]
    public void What_is_the_request_s_fault_says_nothing_of_the_engine(string failure)
    {
        for (int i = 0; i < 5; i++) health.NoteFailure(new RemoteException(Enum.Parse<RemoteFailure>(failure), "not this one"));
        Assert.True(health.MayAsk());
    }
}
