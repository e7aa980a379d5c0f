using System.Text.Json.Nodes;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Serve.Dialects;

/// <summary>llama.cpp's <c>/infill</c>, as llama.vim and llama.vscode speak it.</summary>
internal sealed class InfillDialect : IDialect
{
    private const int DefaultBudget = 800, LongestBudget = 600_000; // milliseconds

    public IReadOnlyList<string> Paths { get; } = ["/infill"];

    public ServeRequest Read(RequestFields body)
    {
        IReadOnlyList<string> stops = body.Stops("stop");
        RelatedText[] extra = [.. body.Objects("input_extra").Reverse().Select(item => new RelatedText(item.Text("filename") ?? "", item.Text("text") ?? ""))];
        string?[] languages = [.. extra.Select(text => LanguageIds.ForFile(text.Path)).Distinct()];
        return new ServeRequest
        {
            Model = body.Text("model") ?? "",
            Prefix = (body.Text("input_prefix") ?? "") + body.TextOrOne("prompt"),
            Suffix = body.Text("input_suffix") ?? "",
            Language = languages.Length == 1 ? languages[0] : null,
            Related = extra,
            Stops = stops,
            SingleLine = DialectTable.SingleLine(stops),
            Length = DialectTable.Length(body, "n_predict"),
            Budget = TimeSpan.FromMilliseconds(Budget(body)),
            Stream = body.Flag("stream") ?? false,
            Fields = body.Texts("response_fields"),
        };
    }

    public JsonObject Write(ServeRequest request, ServeAnswer answer) => LlamaCppAnswer.Whole(request, answer);

    public IEnumerable<string> Stream(ServeRequest request, ServeAnswer answer) => LlamaCppAnswer.Stream(request, answer);

    private static int Budget(RequestFields body)
    {
        int? prompt = body.Number("t_max_prompt_ms", 0, LongestBudget), predict = body.Number("t_max_predict_ms", 0, LongestBudget);
        return (prompt ?? 0) + (predict ?? 0) is var sum and > 0 ? sum : DefaultBudget;
    }
}
