using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>How one kind of engine is asked for the text of a hole and how its answer reads: pure functions. It knows no socket.</summary>
internal interface IRemoteDialect
{
    /// <summary>As the setting <c>remoteKind</c> names it.</summary>
    string Name { get; }

    /// <summary>Whether the engine serves several models, so that one has to be named.</summary>
    bool NeedsModel => true;

    /// <summary>Whether text comes while it is written, so that enough of it ends the request.</summary>
    bool Streams => true;

    /// <summary>Whether a stream is a JSON object per line; else it is server-sent events.</summary>
    bool StreamsLines => false;

    Uri Endpoint(RemoteAddress address);

    /// <summary>The request's body, with the prompt first: routers that hash beginnings see equal ones.</summary>
    /// <exception cref="RemoteException">The hole cannot be put to this kind of engine.</exception>
    JsonObject Write(RemoteHole hole);

    /// <summary>A whole answer, or one event of a stream.</summary>
    RemotePiece Read(JsonElement answer);
}
