using System.Net;

namespace DiffusionLsp.Server.Serve;

/// <summary>How the server is reached and by whom, and the rule that keeps it from being open by mistake. Immutable.</summary>
internal sealed record ServeOptions
{
    public const int DefaultPort = 8012;

    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, DefaultPort);

    public ApiKeys Keys { get; init; } = ApiKeys.None;

    /// <summary>A second address, where only the metrics are, without a key; null: there is none.</summary>
    public IPEndPoint? MetricsListen { get; init; }

    /// <summary>Metrics also bear the names by which routers know those of vLLM.</summary>
    public bool HasVllmMetrics { get; init; }

    /// <summary>PEM file of the certificate; null: plain HTTP.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file of its private key; null: it is in the same file.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>A proxy in front of it has the TLS, and names the clients in X-Forwarded-For.</summary>
    public bool IsBehindProxy { get; init; }

    /// <summary>Names by which clients may call the server, apart from loopback names and the address that it listens on.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Web pages that may ask; others may not, wherever they come from.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public ServeLimits Limits { get; init; } = new();

    /// <summary>Requests a second of one client, after a burst of twice as many.</summary>
    public int Rate { get; init; } = 50;

    /// <summary>How long readiness is denied before the server listens no more, so that routers notice.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Why it must not be started so, in a sentence; null: it may.</summary>
    public string? Refusal()
    {
        if (IPAddress.IsLoopback(Listen.Address)) return null;
        if (!Keys.AreNeeded) return $"Whoever reaches {Listen} could use the server; name keys with --keys, or listen on 127.0.0.1.";
        if (Certificate is null && !IsBehindProxy) return $"Keys and code would cross the network unencrypted; name a certificate with --tls-cert, or say --behind-proxy where a proxy has one.";
        return null;
    }
}
