namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// <c>$/diffusion/status</c>, server to client: how it stands with the model. Clients that do not know it ignore it, as
/// every method that begins with "$/".
/// </summary>
/// <param name="State">"starting", "loading", "ready", "busy" or "error".</param>
/// <param name="Message">One sentence; with "error" it names the cause and the cure.</param>
/// <param name="Model">What is loaded, with "ready" and "busy".</param>
internal sealed record StatusParams(string State, string Message, StatusModel? Model = null);

/// <summary>The loaded model.</summary>
internal sealed record StatusModel(string Name, long Parameters, string Device, string DataType, int Threads);

/// <summary><c>$/diffusion/trace</c>, client to server: how the completion at a position is decoded.</summary>
internal sealed record TraceParams(TextDocumentIdentifier TextDocument, Position Position);

/// <param name="Html">A whole page without outside resources. Its script needs a reader that runs inline scripts; without, it shows the end.</param>
internal sealed record TraceAnswer(string Html);
