using System.Diagnostics;

namespace DiffusionLsp.Server.Context.Workspace;

/// <summary>Lets long work in the background take a fraction of one core only, since somebody types meanwhile.</summary>
internal sealed class Pace
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(4), Rest = TimeSpan.FromMilliseconds(16);

    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>Waits if it is time to. To be called between small pieces of work.</summary>
    public async ValueTask BreatheAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (clock.Elapsed < Work) return;
        await Task.Delay(Rest, cancellation).ConfigureAwait(false);
        clock.Restart();
    }
}
