namespace DiffusionLsp.Server.Serve;

/// <summary>Marks connections to the address that has the metrics alone.</summary>
internal sealed class MetricsConnection
{
    public static MetricsConnection Instance { get; } = new();
}
