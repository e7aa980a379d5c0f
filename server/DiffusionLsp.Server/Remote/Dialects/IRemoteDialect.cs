using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Remote.Dialects;

/// <summary>The requests and answers of one kind of engine: pure functions. It knows no socket.</summary>
internal interface IRemoteDialect
{
    /// <summary>Its name in the setting <c>remoteKind</c>.</summary>
    string Name { get; }

    /// <summary>Whether the engine serves several models, so that one must be named.</summary>
    bool NeedsModel => true;

    /// <summary>Whether answers are streamed, so that the request can end once there is enough text.</summary>
    bool Streams => true;

    /// <summary>Whether each line of a stream is a JSON object; false: server-sent events.</summary>
    bool StreamsLines => false;

    Uri Endpoint(RemoteAddress address);

    /// <summary>The request's body, with the prompt first, for routers that hash prefixes.</summary>
    /// <exception cref="RemoteException">This kind of engine cannot fill the hole.</exception>
    JsonObject Write(RemoteHole hole);

    /// <summary>Reads a complete answer, or one event of a stream.</summary>
    RemotePiece Read(JsonElement answer);
}
