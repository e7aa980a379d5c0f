using System.Diagnostics;

namespace DiffusionLsp.Server.Context.Workspace;

/// <summary>Limits long background work to a fraction of one core, because the user is typing at the same time.</summary>
internal sealed class Pace
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(4), Rest = TimeSpan.FromMilliseconds(16);

    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>Waits when a pause is due. Call it between small pieces of work.</summary>
    public async ValueTask BreatheAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (clock.Elapsed < Work) return;
        await Task.Delay(Rest, cancellation).ConfigureAwait(false);
        clock.Restart();
    }
}
