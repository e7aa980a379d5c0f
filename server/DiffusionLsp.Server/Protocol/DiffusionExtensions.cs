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

/// <summary><c>$/diffusion/infill</c>, client to server: what the model writes in place of a range.</summary>
/// <param name="MaxTokens">1 to 4096; null: as the setting <c>maxTokensRefill</c> says.</param>
internal sealed record InfillParams(TextDocumentIdentifier TextDocument, Range Range, int? MaxTokens = null);

/// <summary>The answer.</summary>
/// <param name="Text">What the model wrote and the rules kept; empty: nothing of use.</param>
/// <param name="StopReason">"endOfText", "endOfLine" or "length".</param>
/// <param name="Forwards">Forward passes of the model.</param>
/// <param name="Tokens">Tokens written.</param>
/// <param name="Milliseconds">From request to text.</param>
/// <param name="Edit">Puts the text there; null when there is none, or the document was changed meanwhile.</param>
internal sealed record InfillAnswer(string Text, string StopReason, int Forwards, int Tokens, double Milliseconds, WorkspaceEdit? Edit);
