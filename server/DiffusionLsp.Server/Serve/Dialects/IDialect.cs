using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>How one kind of client asks and wants to be answered: pure functions between JSON and <see cref="ServeRequest"/>. It knows no socket.</summary>
internal interface IDialect
{
    /// <summary>Paths of its endpoint; the first names it in logs and metrics.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Content type of a streamed answer.</summary>
    string StreamType => "text/event-stream";

    /// <exception cref="ServeError">It is not understood.</exception>
    ServeRequest Read(RequestFields body);

    /// <summary>The whole answer.</summary>
    JsonObject Write(ServeRequest request, ServeAnswer answer);

    /// <summary>The pieces of a streamed answer, framed as they go over the wire.</summary>
    IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer);

    /// <summary>The body of a refusal.</summary>
    JsonObject Refuse(ServeError error) => new()
    {
        ["error"] = new JsonObject { ["code"] = error.Status, ["message"] = error.Message, ["type"] = error.Kind, ["param"] = error.Field },
    };
}
