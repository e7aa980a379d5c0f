using System.Globalization;

namespace DiffusionLsp.Server.Downloads;

/// <summary>
/// Limits how long the network may be silent, and turns timeouts and broken connections into <see cref="HttpRequestException"/>, which
/// distinguishes them from disk errors, for which a retry is useless. It sends nothing.
/// </summary>
/// <param name="limit">Maximum wait for one step.</param>
internal sealed class Patience(TimeSpan limit)
{
    /// <summary>The limit for a hub on the Internet.</summary>
    public static Patience Usual { get; } = new(TimeSpan.FromSeconds(20));

    /// <summary>Runs one step of a conversation.</summary>
    /// <exception cref="HttpRequestException">Nothing arrived in time, or the connection broke.</exception>
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
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"nothing arrived for {limit.TotalSeconds:0.#} seconds"), e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"the connection broke: {e.Message}", e);
        }
    }
}
