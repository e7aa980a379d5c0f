using System.Diagnostics;
using DiffusionLsp.Server.Dispatch;

namespace DiffusionLsp.Server.Tests.Dispatch;

public class ClientWatchTests
{
    [Fact]
    public async Task A_process_can_be_seen_until_it_ends_and_its_end_is_told()
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", "--info") { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        // Its output fills a pipe that nobody reads, or it waits for the one who disposes it: so it is there when it is looked at.
        bool seen = ClientWatch.CanSee(process.Id);
        var gone = new TaskCompletionSource();
        Task watch = ClientWatch.WatchAsync(process.Id, TimeProvider.System, gone.SetResult, CancellationToken.None);
        process.Kill();
        await process.WaitForExitAsync();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await watch;
        Assert.True(seen);
        Assert.False(ClientWatch.CanSee(process.Id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void What_is_no_process_here_cannot_be_seen(int processId) => Assert.False(ClientWatch.CanSee(processId));

    [Fact]
    public void A_server_is_not_its_own_client() => Assert.False(ClientWatch.CanSee(Environment.ProcessId));
}
