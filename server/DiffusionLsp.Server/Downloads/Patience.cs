using System.Globalization;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// How long the network may be silent. It turns silence and broken connections into <see cref="HttpRequestException"/>, so that they
/// can be told from errors of this machine's disk, which trying again does not mend. It sends nothing.
/// </summary>
/// <param name="limit">Longest wait for one step.</param>
internal sealed class Patience(TimeSpan limit)
{
    /// <summary>What a hub on the Internet gets.</summary>
    public static Patience Usual { get; } = new(TimeSpan.FromSeconds(20));

    /// <summary>Does one step of a conversation.</summary>
    /// <exception cref="HttpRequestException">Nothing came in time, or the connection broke.</exception>
    public async Task<T> WaitAsync<T>(Func<CancellationToken, ValueTask<T>> step, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(limit);
        try
        {
            return await step(over.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"nothing came for {limit.TotalSeconds:0.#} seconds"), e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"the connection broke: {e.Message}", e);
        }
    }
}
