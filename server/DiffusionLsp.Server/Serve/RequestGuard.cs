using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace DiffusionLsp.Server.Serve;

/// <summary>Whom the server listens to, decided by a request's head alone: host, origin, key, rate. It reads no body.</summary>
internal sealed class RequestGuard(ServeOptions options) : IDisposable
{
    private const int LongestSession = 128;
    private const string Local = "local", Unknown = ""; // no name of a key is empty

    private readonly PartitionedRateLimiter<string> rate = PartitionedRateLimiter.Create<string, string>(client => RateLimitPartition.GetTokenBucketLimiter(client, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = 2 * options.Rate,
        TokensPerPeriod = options.Rate,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    }));

    /// <summary>Refuses names that only a rebound DNS entry gives this server, and web pages that are not listed.</summary>
    /// <param name="anyAddress">Addresses count as names of this server: none is rebound.</param>
    /// <exception cref="ServeError">It is refused.</exception>
    public void CheckPlace(HttpRequest request, bool anyAddress = false)
    {
        if (!IsOwn(request.Host.Host, anyAddress)) throw new ServeError(403, "The header Host names another server; start this one with --host NAME if it is called so.");
        foreach (string? origin in request.Headers.Origin)
            if (origin is null || !options.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
                throw new ServeError(403, "Web pages may not use this server; start it with --origin ADDRESS if this one may.");
    }

    /// <summary>
    /// Who asks: the key's name. The key is never part of an error. Wrong keys have a rate too, and while an address is over it no
    /// key of its is looked at: guesses gain nothing by being many.
    /// </summary>
    /// <exception cref="ServeError">There is no such key, or it is asked too often.</exception>
    public string CheckKey(HttpRequest request)
    {
        string client = Client(request);
        string owner = Local;
        if (options.Keys.AreNeeded)
        {
            Count($"{Unknown} {client}", 0);
            owner = (Key(request) is { } key ? options.Keys.Owner(key) : null) ?? Unknown;
        }
        Count($"{owner} {client}", 1);
        return owner is not Unknown ? owner : throw new ServeError(401, "The key is missing or unknown; send one as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");
    }

    /// <summary>Whose caches a request may use.</summary>
    public string Session(HttpRequest request, string owner) =>
        request.Headers["X-Session-Id"].ToString() is { Length: > 0 and <= LongestSession } named ? $"{owner} {named}" : $"{owner} {Client(request)}";

    public void Dispose() => rate.Dispose();

    /// <param name="requests">0: only whether there might be one more.</param>
    private void Count(string who, int requests)
    {
        using RateLimitLease lease = rate.AttemptAcquire(who, requests);
        if (!lease.IsAcquired) throw new ServeError(429, $"More than {options.Rate} requests a second came from here; ask again in a second.");
    }

    /// <summary>Where a request comes from. Behind a proxy that is what the proxy wrote last; what stands before it anybody could have written.</summary>
    private string Client(HttpRequest request)
    {
        string? forwarded = options.IsBehindProxy ? request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim() : null;
        return IPAddress.TryParse(forwarded, out IPAddress? address) ? address.ToString() : $"{request.HttpContext.Connection.RemoteIpAddress}";
    }

    private bool IsOwn(string host, bool anyAddress)
    {
        string name = host.Trim('[', ']');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out IPAddress? address) && (anyAddress || IPAddress.IsLoopback(address) || address.Equals(options.Listen.Address)))
            || options.Hosts.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    private static string? Key(HttpRequest request)
    {
        const string bearer = "Bearer ";
        string authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase)) return authorization[bearer.Length..].Trim();
        return request.Headers["X-Api-Key"].ToString() is { Length: > 0 } key ? key : null;
    }
}
