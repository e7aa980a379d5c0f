namespace DiffusionLsp.Server.Serve;

/// <summary>Marks connections to the address that serves only the metrics.</summary>
internal sealed class MetricsConnection
{
    public static MetricsConnection Instance { get; } = new();
}
