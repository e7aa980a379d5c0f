using System.Globalization;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>Ollama's <c>/api/generate</c>, which streams unless told otherwise. Durations are nanoseconds.</summary>
internal sealed class OllamaDialect : IDialect
{
    public IReadOnlyList<string> Paths { get; } = ["/api/generate"];

    public string StreamType => "application/x-ndjson";

    public ServeRequest Read(RequestFields body)
    {
        RequestFields options = body.Object("options");
        IReadOnlyList<string> stops = options.Stops("stop");
        var request = new ServeRequest
        {
            Model = body.Text("model") ?? "",
            Prefix = body.Text("prompt") ?? "",
            Suffix = body.Text("suffix") ?? "",
            Stops = stops,
            SingleLine = DialectTable.SingleLine(stops),
            Length = DialectTable.Length(options, "num_predict"),
            Stream = body.Flag("stream") ?? true,
        };
        return request.Suffix.Length == 0 || body.Flag("raw") == true ? DialectTable.Hole(request) : request;
    }

    public JsonObject Write(ServeRequest request, ServeAnswer answer)
    {
        JsonObject last = Piece(request, answer, answer.Text);
        last["done"] = true;
        last["done_reason"] = answer.FinishReason;
        last["total_duration"] = Nanoseconds(answer.Timings.Total);
        last["load_duration"] = 0;
        last["prompt_eval_count"] = answer.PromptTokens;
        last["prompt_eval_duration"] = Nanoseconds(answer.Timings.Prompt);
        last["eval_count"] = answer.Tokens;
        last["eval_duration"] = Nanoseconds(answer.Timings.Decode);
        return last;
    }

    public IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer)
    {
        yield return DialectTable.Line(Piece(request, answer, answer.Text)) + "\n";
        yield return DialectTable.Line(Write(request, answer with { Text = "" })) + "\n";
    }

    public JsonObject Refuse(ServeError error) => new() { ["error"] = error.Message };

    private static JsonObject Piece(ServeRequest request, ServeAnswer answer, string text) => new()
    {
        ["model"] = request.Model,
        ["created_at"] = answer.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["response"] = text,
        ["done"] = false,
    };

    private static long Nanoseconds(double milliseconds) => (long)(milliseconds * 1e6);
}
