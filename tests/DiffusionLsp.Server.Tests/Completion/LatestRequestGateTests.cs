using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Of the requests with one key only the newest runs; the others are cancelled.</summary>
public sealed class LatestRequestGateTests
{
    private readonly LatestRequestGate gate = new();

    [Fact]
    public void The_newest_supersedes_its_predecessor_and_no_other_key()
    {
        using LatestRequestGate.Lease first = gate.Enter("a", default), other = gate.Enter("b", default);
        using LatestRequestGate.Lease second = gate.Enter("a", default);
        Assert.True(first.IsSuperseded && first.Token.IsCancellationRequested);
        Assert.False(second.IsSuperseded || second.Token.IsCancellationRequested || other.IsSuperseded || other.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_caller_s_cancellation_is_not_a_successor()
    {
        using var source = new CancellationTokenSource();
        using LatestRequestGate.Lease lease = gate.Enter("a", source.Token);
        source.Cancel();
        Assert.True(lease.Token.IsCancellationRequested);
        Assert.False(lease.IsSuperseded);
    }

    [Fact]
    public void A_predecessor_that_leaves_late_does_not_free_its_successor_s_place()
    {
        LatestRequestGate.Lease first = gate.Enter("a", default);
        using LatestRequestGate.Lease second = gate.Enter("a", default);
        first.Dispose();
        using LatestRequestGate.Lease third = gate.Enter("a", default);
        Assert.True(second.IsSuperseded);
    }

    [Fact]
    public void One_that_has_left_is_not_superseded()
    {
        LatestRequestGate.Lease first = gate.Enter("a", default);
        first.Dispose();
        using LatestRequestGate.Lease second = gate.Enter("a", default);
        Assert.False(first.IsSuperseded || first.Token.IsCancellationRequested);
    }

    [Fact]
    public void Of_many_at_once_exactly_one_remains()
    {
        var leases = new LatestRequestGate.Lease[200];
        Parallel.For(0, leases.Length, i => leases[i] = gate.Enter("a", default));
        Assert.Single(leases, lease => !lease.IsSuperseded);
        Assert.All(leases, lease => Assert.Equal(lease.IsSuperseded, lease.Token.IsCancellationRequested));
        foreach (LatestRequestGate.Lease lease in leases) lease.Dispose();
    }
}
