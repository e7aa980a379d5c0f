using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>The table of dialects, one row each, and what they share.</summary>
internal static class DialectTable
{
    private const int MostTokens = 4096;
    private const int Endless = -2; // some clients use -1 and -2 for no limit

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<IDialect> All { get; } = [new InfillDialect(), new CompletionDialect(), new OpenAiDialect(), new MistralDialect(), new OllamaDialect()];

    /// <summary>The requested maximum number of tokens: 0 only warms up; numbers above the engine's limit are clamped.</summary>
    public static int Length(RequestFields body, string name) =>
        body.Number(name, Endless, int.MaxValue) is { } number and >= 0 ? Math.Min(number, MostTokens) : ServeRequest.DefaultLength;

    /// <summary>JSON on one line without blanks after colons, because some clients search it as text.</summary>
    public static string Line(JsonNode json) => json.ToJsonString(Compact);

    /// <summary>A server-sent event.</summary>
    public static string Event(JsonNode json) => $"data: {Line(json)}\n\n";

    /// <summary>The hole as given by marks in the prompt, or else by prefix and suffix.</summary>
    public static ServeRequest Hole(ServeRequest request) => From(request, FimMarks.Read(request.Prefix) ?? FimMarks.ReadHeaders(request.Prefix, request.Suffix));

    /// <summary>The hole with files under headers taken off the beginning of a plain prefix.</summary>
    public static ServeRequest Headed(ServeRequest request) => From(request, FimMarks.ReadHeaders(request.Prefix, request.Suffix));

    /// <summary>A stop text that is exactly a line break requests a single line.</summary>
    public static bool? SingleLine(IReadOnlyList<string> stops) => stops.Contains("\n") ? true : null;

    private static ServeRequest From(ServeRequest request, MarkedHole hole) => request with
    {
        Prefix = hole.Prefix,
        Suffix = hole.Suffix,
        Path = request.Path ?? hole.Path,
        Related = request.Related.Count > 0 ? request.Related : hole.Related,
    };
}
