using System.Collections.Immutable;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;

namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// The server's only mutable state apart from the engine: life-cycle phase, open documents, settings. Written by the handlers of
/// notifications and of <c>initialize</c> and <c>shutdown</c>, one at a time; readers get <see cref="Snapshot"/>.
/// </summary>
internal sealed class ServerState(ServerSettings settings, Listeners listeners)
{
    public ServerPhase Phase { get; set; } = ServerPhase.Created;

    public DocumentStore Documents { get; } = new(listeners);

    /// <summary>The basis of the settings: defaults, the command line, and the options of <c>initialize</c>.</summary>
    public ServerSettings BaseSettings { get; set; } = settings;

    public ServerSettings Settings { get; set; } = settings;

    public ClientFeatures Client { get; set; } = ClientFeatures.None;

    /// <summary>URIs of the folders open in the editor.</summary>
    public ImmutableArray<string> Roots { get; set; } = [];

    /// <summary>How much <c>$/logTrace</c> output the client wants.</summary>
    public ClientTrace Trace { get; set; }

    public RequestContext Snapshot() => new(Documents.Snapshot, Settings, Client, Roots);
}

/// <summary>The level of <c>$/logTrace</c> output.</summary>
internal enum ClientTrace
{
    Off,
    /// <summary>The outcome of each completion.</summary>
    Messages,
    /// <summary>Also when each answer was sent.</summary>
    Verbose,
}

/// <summary>The server's life-cycle phase.</summary>
internal enum ServerPhase
{
    /// <summary>Waiting for <c>initialize</c>.</summary>
    Created,
    /// <summary>Between <c>initialize</c> and <c>shutdown</c>.</summary>
    Running,
    /// <summary>Waiting for <c>exit</c>.</summary>
    ShutDown,
}
