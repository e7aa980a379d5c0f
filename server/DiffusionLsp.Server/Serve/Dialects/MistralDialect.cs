using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>Mistral's <c>/v1/fim/completions</c>. The choice also has the field <c>text</c>, which Inception's clients read at the same path.</summary>
internal sealed class MistralDialect : IDialect
{
    public IReadOnlyList<string> Paths { get; } = ["/v1/fim/completions"];

    public ServeRequest Read(RequestFields body)
    {
        IReadOnlyList<string> stops = body.Stops("stop");
        var request = new ServeRequest
        {
            Model = body.Text("model") ?? "",
            Prefix = body.Text("prompt") ?? throw ServeError.Bad("prompt", "a string"),
            Suffix = body.Text("suffix") ?? "",
            Stops = stops,
            SingleLine = DialectTable.SingleLine(stops),
            Length = DialectTable.Length(body, "max_tokens"),
            Stream = body.Flag("stream") ?? false,
        };
        return request.Suffix.Length == 0 ? DialectTable.Hole(request) : DialectTable.Headed(request);
    }

    public JsonObject Write(ServeRequest request, ServeAnswer answer)
    {
        var choice = new JsonObject { ["index"] = 0, ["message"] = Message(answer.Text), ["text"] = answer.Text, ["finish_reason"] = answer.FinishReason };
        JsonObject whole = Shape(request, answer, "chat.completion", choice);
        whole["usage"] = OpenAiDialect.Usage(answer);
        return whole;
    }

    public IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer)
    {
        yield return DialectTable.Event(Shape(request, answer, "chat.completion.chunk", Choice(answer.Text, null)));
        JsonObject last = Shape(request, answer, "chat.completion.chunk", Choice("", answer.FinishReason));
        last["usage"] = OpenAiDialect.Usage(answer);
        yield return DialectTable.Event(last);
        yield return "data: [DONE]\n\n";
    }

    private static JsonObject Choice(string text, string? finish) => new() { ["index"] = 0, ["delta"] = Message(text), ["text"] = text, ["finish_reason"] = finish };

    private static JsonObject Message(string text) => new() { ["role"] = "assistant", ["content"] = text };

    private static JsonObject Shape(ServeRequest request, ServeAnswer answer, string kind, JsonObject choice) => new()
    {
        ["id"] = $"cmpl-{answer.Id}",
        ["object"] = kind,
        ["created"] = answer.At.ToUnixTimeSeconds(),
        ["model"] = request.Model,
        ["choices"] = new JsonArray(choice),
    };
}
