using System.Collections.Immutable;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// The only mutable state of a server, apart from the engine: where it is in its life, what is open, what was set.
/// Written by handlers of notifications and of <c>initialize</c> and <c>shutdown</c>, one at a time; readers get
/// <see cref="Snapshot"/>.
/// </summary>
internal sealed class ServerState(ServerSettings settings, Listeners listeners)
{
    public ServerPhase Phase { get; set; } = ServerPhase.Created;

    public DocumentStore Documents { get; } = new(listeners);

    /// <summary>Where reading settings starts: defaults, the command line, and what came with <c>initialize</c>.</summary>
    public ServerSettings BaseSettings { get; set; } = settings;

    public ServerSettings Settings { get; set; } = settings;

    public ClientFeatures Client { get; set; } = ClientFeatures.None;

    /// <summary>URIs of the folders that are open in the editor.</summary>
    public ImmutableArray<string> Roots { get; set; } = [];

    /// <summary>How much <c>$/logTrace</c> the client wants.</summary>
    public ClientTrace Trace { get; set; }

    public RequestContext Snapshot() => new(Documents.Snapshot, Settings, Client, Roots);
}

/// <summary>What is told with <c>$/logTrace</c>.</summary>
internal enum ClientTrace
{
    Off,
    /// <summary>What becomes of each completion.</summary>
    Messages,
    /// <summary>And when each answer went out.</summary>
    Verbose,
}

/// <summary>Where a server is in its life.</summary>
internal enum ServerPhase
{
    /// <summary>Waiting for <c>initialize</c>.</summary>
    Created,
    /// <summary>Between <c>initialize</c> and <c>shutdown</c>.</summary>
    Running,
    /// <summary>Waiting for <c>exit</c>.</summary>
    ShutDown,
}
