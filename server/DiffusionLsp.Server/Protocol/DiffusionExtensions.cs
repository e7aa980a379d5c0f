using System.Text.Json;
using System.Text.Json.Serialization;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// <c>$/diffusion/status</c>, server to client, on every change: the state of the model. Clients that do not know it ignore it, like every
/// method that begins with "$/". All fields are always present.
/// </summary>
/// <param name="State">"starting", "loading", "ready", "busy", "off" or "error".</param>
/// <param name="Message">One sentence; for "error" with cause and cure.</param>
/// <param name="Model">Name of the loaded model.</param>
/// <param name="Device">"cpu" or "cuda".</param>
/// <param name="Decoder">Value of the setting <c>decoder</c>.</param>
/// <param name="LastMilliseconds">Duration of the last decode.</param>
/// <param name="LastForwards">Forwards of the last decode.</param>
/// <param name="Progress">Progress of loading, 0 to 1; null: unknown.</param>
/// <param name="Nothing">Why an editor's last request got no suggestion; null: it got one, or there was none.</param>
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

/// <summary>Why there was no suggestion.</summary>
/// <param name="Uri">URI of the document.</param>
/// <param name="Reason">One word, as in the log, for example "unsure".</param>
/// <param name="Message">One sentence.</param>
internal sealed record NothingParams(string Uri, string Reason, string Message);

/// <summary>The answer to <c>$/diffusion/doctor</c>: the report that the subcommand <c>doctor</c> prints.</summary>
internal sealed record DoctorResult(bool Healthy, string Report);

/// <summary><c>$/diffusion/text</c>: asks for the server's copy of a document. For clients' tests.</summary>
internal sealed record TextParams(TextDocumentIdentifier TextDocument);

/// <summary>The answer to <c>$/diffusion/text</c>; null if the document is not open.</summary>
/// <param name="OutOfStep">True after a change that could not be applied, until the client sends the whole text; omitted otherwise.</param>
internal sealed record TextResult(long Version, string Text, bool? OutOfStep = null);

/// <summary><c>textDocument/didFocus</c>: the document that the user looks at; null: none.</summary>
internal sealed record DidFocusParams(TextDocumentIdentifier? TextDocument = null);

/// <summary><c>workspace/executeCommand</c>.</summary>
internal sealed record ExecuteCommandParams(string Command, IReadOnlyList<JsonElement>? Arguments = null);

/// <summary><c>$/diffusion/infill</c>, client to server: asks the model to rewrite a range.</summary>
/// <param name="MaxTokens">1 to 4096; null: the setting <c>maxTokensRefill</c>.</param>
internal sealed record InfillParams(TextDocumentIdentifier TextDocument, Range Range, int? MaxTokens = null);

/// <summary>The answer to <c>$/diffusion/infill</c>.</summary>
/// <param name="Text">The text after post-processing; empty: nothing useful.</param>
/// <param name="StopReason">"endOfText", "endOfLine", "enough" (what follows would be cut off) or "length".</param>
/// <param name="Forwards">Forwards of the model.</param>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="Milliseconds">From request to text.</param>
/// <param name="Edit">Inserts the text; null: there is none, or the document has changed in the meantime.</param>
/// <param name="Message">Why the text is empty, in one sentence; null: it is not.</param>
internal sealed record InfillAnswer(string Text, string StopReason, int Forwards, int Tokens, double Milliseconds, WorkspaceEdit? Edit, string? Message = null);

/// <summary><c>$/diffusion/trace</c>, client to server: asks for a trace of the decode at a position.</summary>
internal sealed record TraceParams(TextDocumentIdentifier TextDocument, Position Position);

/// <param name="Html">A self-contained page. Its script needs a viewer that runs inline scripts; otherwise the page shows the final state.</param>
internal sealed record TraceAnswer(string Html);
