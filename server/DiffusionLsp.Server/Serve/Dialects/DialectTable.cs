using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>The dialects, and what they share. One row each.</summary>
internal static class DialectTable
{
    private const int MostTokens = 4096;
    private const int Endless = -2; // to some clients -1 and -2 are no limit

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<IDialect> All { get; } = [new InfillDialect(), new CompletionDialect(), new OpenAiDialect(), new MistralDialect(), new OllamaDialect()];

    /// <summary>How many tokens a client asks for at most: none, too, which warms up; what is more than the engine takes is clamped.</summary>
    public static int Length(RequestFields body, string name) =>
        body.Number(name, Endless, int.MaxValue) is { } number and >= 0 ? Math.Min(number, MostTokens) : ServeRequest.DefaultLength;

    /// <summary>On one line, without a blank after a colon: some clients search it as text.</summary>
    public static string Line(JsonNode json) => json.ToJsonString(Compact);

    /// <summary>A server-sent event.</summary>
    public static string Event(JsonNode json) => $"data: {Line(json)}\n\n";

    /// <summary>The hole as marks in the prompt say it, or as it stands.</summary>
    public static ServeRequest Hole(ServeRequest request) => From(request, FimMarks.Read(request.Prefix) ?? FimMarks.ReadHeaders(request.Prefix, request.Suffix));

    /// <summary>The hole with files taken off a plain prefix that begins with their headers.</summary>
    public static ServeRequest Headed(ServeRequest request) => From(request, FimMarks.ReadHeaders(request.Prefix, request.Suffix));

    /// <summary>A stop that is exactly a line break asks for one line.</summary>
    public static bool? SingleLine(IReadOnlyList<string> stops) => stops.Contains("\n") ? true : null;

    private static ServeRequest From(ServeRequest request, MarkedHole hole) => request with
    {
        Prefix = hole.Prefix,
        Suffix = hole.Suffix,
        Path = request.Path ?? hole.Path,
        Related = request.Related.Count > 0 ? request.Related : hole.Related,
    };
}
