using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>The requests and answers of one kind of client: pure functions between JSON and <see cref="ServeRequest"/>. It knows no socket.</summary>
internal interface IDialect
{
    /// <summary>Paths of its endpoint; the first is its name in logs and metrics.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Content type of a streamed answer.</summary>
    string StreamType => "text/event-stream";

    /// <exception cref="ServeError">The body is invalid.</exception>
    ServeRequest Read(RequestFields body);

    /// <summary>A complete answer.</summary>
    JsonObject Write(ServeRequest request, ServeAnswer answer);

    /// <summary>The chunks of a streamed answer, including their framing.</summary>
    IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer);

    /// <summary>The body of an error.</summary>
    JsonObject Refuse(ServeError error) => new()
    {
        ["error"] = new JsonObject { ["code"] = error.Status, ["message"] = error.Message, ["type"] = error.Kind, ["param"] = error.Field },
    };
}
