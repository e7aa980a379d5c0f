using System.Net;

namespace DiffusionLsp.Server.Serve;

/// <summary>Where the server listens and who may use it, with the check against exposing it by mistake. Immutable.</summary>
internal sealed record ServeOptions
{
    public const int DefaultPort = 8012;

    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, DefaultPort);

    public ApiKeys Keys { get; init; } = ApiKeys.None;

    /// <summary>A second address that serves only the metrics, without a key; null: none.</summary>
    public IPEndPoint? MetricsListen { get; init; }

    /// <summary>Whether the load is also reported under vLLM's metric names, which routers know.</summary>
    public bool HasVllmMetrics { get; init; }

    /// <summary>PEM file of the certificate; null: plain HTTP.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its private key; null: it is in the same file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>Whether a proxy in front terminates TLS and names the clients in X-Forwarded-For.</summary>
    public bool IsBehindProxy { get; init; }

    /// <summary>Host names that clients may use for the server, besides loopback names and its own address.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Origins of web pages that may use the server; all others are rejected.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public ServeLimits Limits { get; init; } = new();

    /// <summary>Requests per second of one client, after a burst of twice as many.</summary>
    public int Rate { get; init; } = 50;

    /// <summary>How long the server reports that it is not ready before it stops listening, so that routers notice.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Why the server must not be started with these options, in a sentence; null: it may.</summary>
    public string? Refusal()
    {
        if (IPAddress.IsLoopback(Listen.Address)) return null;
        if (!Keys.AreNeeded) return $"Anyone who can reach {Listen} could use the server; name keys with --keys, or listen on 127.0.0.1.";
        if (Certificate is null && !IsBehindProxy) return $"Keys and code would cross the network unencrypted; name a certificate with --tls-cert, or use --behind-proxy if a proxy has one.";
        return null;
    }
}
