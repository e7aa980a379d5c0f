using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// <c>$/diffusion/status</c>, server to client, on every change: how it stands with the model. Clients that do not know it
/// ignore it, as every method that begins with "$/". All fields are always there.
/// </summary>
/// <param name="State">"starting", "loading", "ready", "busy", "off" or "error".</param>
/// <param name="Message">One sentence; with "error" it names the cause and the cure.</param>
/// <param name="Model">Name of what is loaded.</param>
/// <param name="Device">"cpu" or "cuda".</param>
/// <param name="Decoder">The setting <c>decoder</c>.</param>
/// <param name="LastMilliseconds">What the last decode took.</param>
/// <param name="LastForwards">Forward passes of the last decode.</param>
/// <param name="Progress">Of loading, 0 to 1, when it is known.</param>
/// <param name="Nothing">Why the last request of an editor was offered nothing; null: it was offered something, or there was none.</param>
internal sealed record StatusParams(
    string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Model,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Device,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Decoder,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? LastMilliseconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? LastForwards,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Progress,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] NothingParams? Nothing);

/// <summary>Why nothing was offered.</summary>
/// <param name="Uri">In which document.</param>
/// <param name="Reason">A word, as in the log: "unsure".</param>
/// <param name="Message">One sentence.</param>
internal sealed record NothingParams(string Uri, string Reason, string Message);

/// <summary>The answer to <c>$/diffusion/doctor</c>: the same report as the verb <c>doctor</c> prints.</summary>
internal sealed record DoctorResult(bool Healthy, string Report);

/// <summary><c>$/diffusion/text</c>: what the server believes that a document says. For clients' tests.</summary>
internal sealed record TextParams(TextDocumentIdentifier TextDocument);

/// <summary>The answer to <c>$/diffusion/text</c>; null for a document that is not open.</summary>
/// <param name="OutOfStep">True after a change that could not be applied, until the client sends the whole text; else left out.</param>
internal sealed record TextResult(long Version, string Text, bool? OutOfStep = null);

/// <summary><c>textDocument/didFocus</c>: the user looks at this document, or at none.</summary>
internal sealed record DidFocusParams(TextDocumentIdentifier? TextDocument = null);

/// <summary><c>workspace/executeCommand</c>.</summary>
internal sealed record ExecuteCommandParams(string Command, IReadOnlyList<JsonElement>? Arguments = null);

/// <summary><c>$/diffusion/infill</c>, client to server: what the model writes in place of a range.</summary>
/// <param name="MaxTokens">1 to 4096; null: as the setting <c>maxTokensRefill</c> says.</param>
internal sealed record InfillParams(TextDocumentIdentifier TextDocument, Range Range, int? MaxTokens = null);

/// <summary>The answer.</summary>
/// <param name="Text">What the model wrote and the rules kept; empty: nothing of use.</param>
/// <param name="StopReason">"endOfText", "endOfLine", "enough" (what follows would be cut off) or "length".</param>
/// <param name="Forwards">Forward passes of the model.</param>
/// <param name="Tokens">Tokens written.</param>
/// <param name="Milliseconds">From request to text.</param>
/// <param name="Edit">Puts the text there; null when there is none, or the document was changed meanwhile.</param>
internal sealed record InfillAnswer(string Text, string StopReason, int Forwards, int Tokens, double Milliseconds, WorkspaceEdit? Edit);

/// <summary><c>$/diffusion/trace</c>, client to server: how the completion at a position is decoded.</summary>
internal sealed record TraceParams(TextDocumentIdentifier TextDocument, Position Position);

/// <param name="Html">A whole page without outside resources. Its script needs a reader that runs inline scripts; without, it shows the end.</param>
internal sealed record TraceAnswer(string Html);
