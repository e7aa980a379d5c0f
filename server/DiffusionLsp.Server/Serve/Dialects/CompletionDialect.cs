using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>llama.cpp's <c>/completion</c>: a prompt with fill-in-the-middle marks.</summary>
internal sealed class CompletionDialect : IDialect
{
    public IReadOnlyList<string> Paths { get; } = ["/completion", "/completions"];

    public ServeRequest Read(RequestFields body)
    {
        IReadOnlyList<string> stops = body.Stops("stop");
        return DialectTable.Hole(new ServeRequest
        {
            Model = body.Text("model") ?? "",
            Prefix = body.TextOrOne("prompt") ?? throw ServeError.Bad("prompt", "a string"),
            Stops = stops,
            SingleLine = DialectTable.SingleLine(stops),
            Length = DialectTable.Length(body, body.Has("n_predict") ? "n_predict" : "max_tokens"),
            Stream = body.Flag("stream") ?? false,
            Fields = body.Texts("response_fields"),
        });
    }

    public JsonObject Write(ServeRequest request, ServeAnswer answer) => LlamaCppAnswer.Whole(request, answer);

    public IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer) => LlamaCppAnswer.Stream(request, answer);
}
