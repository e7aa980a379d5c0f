using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace DiffusionLsp.Server.Serve;

/// <summary>Decides from a request's head whether to serve it: host, origin, key, rate. It reads no body.</summary>
internal sealed class RequestGuard(ServeOptions options) : IDisposable
{
    private const int LongestSession = 128;
    private const string Local = "local", Unknown = ""; // no key has an empty name

    private readonly PartitionedRateLimiter<string> rate = PartitionedRateLimiter.Create<string, string>(client => RateLimitPartition.GetTokenBucketLimiter(client, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = 2 * options.Rate,
        TokensPerPeriod = options.Rate,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    }));

    /// <summary>Rejects host names that only DNS rebinding could have pointed at this server, and web pages from origins that are not listed.</summary>
    /// <param name="anyAddress">Accepts any IP address as a host name, since addresses cannot be rebound.</param>
    /// <exception cref="ServeError">The request is rejected.</exception>
    public void CheckPlace(HttpRequest request, bool anyAddress = false)
    {
        if (!IsOwn(request.Host.Host, anyAddress)) throw new ServeError(403, "The header Host names another server; start this one with --host NAME if that is its name.");
        foreach (string? origin in request.Headers.Origin)
            if (origin is null || !options.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
                throw new ServeError(403, "Web pages may not use this server; start it with --origin ADDRESS if this one may.");
    }

    /// <summary>
    /// Returns the name of the key's owner. Errors never contain the key. Wrong keys are rate-limited too, and while an address exceeds the
    /// rate none of its keys are checked, so that guessing many keys gains nothing.
    /// </summary>
    /// <exception cref="ServeError">The key is unknown, or its rate is exceeded.</exception>
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

    /// <summary>The session, whose caches the request may use.</summary>
    public string Session(HttpRequest request, string owner) =>
        request.Headers["X-Session-Id"].ToString() is { Length: > 0 and <= LongestSession } named ? $"{owner} {named}" : $"{owner} {Client(request)}";

    public void Dispose() => rate.Dispose();

    /// <param name="requests">Number of requests to count; 0: only checks whether another would be allowed.</param>
    private void Count(string who, int requests)
    {
        using RateLimitLease lease = rate.AttemptAcquire(who, requests);
        if (!lease.IsAcquired) throw new ServeError(429, $"You sent more than {options.Rate} requests per second; try again in a second.");
    }

    /// <summary>The client's address. Behind a proxy it is the last entry of the header, written by the proxy; anybody could have written earlier ones.</summary>
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
