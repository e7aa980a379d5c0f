using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>The setting <c>suggestions</c> changes how much of a text is shown, never the text: the embedded model decodes the same at every value.</summary>
public sealed class SameTextTests
{
    private static readonly string[] Drawn =
    [
        "function sum(values: number[]) {\n  let total = 0;\n  for (const value of values) {\n    ║\n  }\n  return total;\n}\n",
        "const names = users.map(user => user.║\n",
        "export class Stack<T> {\n  private items: T[] = [];\n\n  push(item: T) {\n    this.items.║\n  }\n}\n",
        "if (count > ║",
    ];

    [Fact]
    public async Task The_decoded_text_is_the_same_at_every_setting()
    {
        var texts = new List<string[]>();
        var shown = new List<string[]>();
        foreach (SuggestionMode mode in Enum.GetValues<SuggestionMode>())
        {
            CompletionOutcome[] outcomes = await CompleteAsync(mode);
            texts.Add([.. outcomes.Select(o => Assert.IsType<InfillResult>(o.Decode).Completion)]);
            shown.Add([.. outcomes.Select(o => (o as Suggestion)?.Text ?? "")]);
        }
        Assert.All(texts[0], Assert.NotEmpty);
        Assert.All(texts, of => Assert.Equal(texts[0], of));
        Assert.All(shown, of => Assert.All(of.Zip(shown[0]), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal)));
        Assert.True(shown.Select(of => of.Sum(text => text.Length)).Distinct().Count() > 1, "no setting shows less than another");
    }

    /// <summary>All positions in order, with a separate engine, so that no cache answers and each decode finds the K/V cache in the same state. The decoder's steps do not depend on the measured cost of a row.</summary>
    private static async Task<CompletionOutcome[]> CompleteAsync(SuggestionMode mode)
    {
        var listeners = new Listeners(Logger.None);
        using var models = new ModelHost((_, _) => InfillEngineAdapter.Load(new EngineOptions { Device = "cpu", Threads = 1 }), listeners, Logger.None);
        models.Ensure(new EngineOptions());
        var documents = new DocumentStore(listeners);
        var session = new CompletionSession(models, documents, listeners, TimeProvider.System, Logger.None);
        var settings = new ServerSettings { Suggestions = mode, DebounceMs = 0, Prefetch = false, LatencyBudgetMs = 0, Decode = new DecodeOptions { Decoder = "threshold" } };
        var outcomes = new List<CompletionOutcome>();
        foreach (string drawn in Drawn)
        {
            (string text, int offset) = Cursor.Split(drawn);
            var document = new TextDocument("file:///a.ts", "typescript", 1, text);
            documents.Open(document);
            outcomes.Add(await session.CompleteAsync(new CompletionRequest { Document = document, Offset = offset, Trigger = CompletionTrigger.Automatic, Source = CompletionSource.Inline, Settings = settings }, default));
        }
        return [.. outcomes];
    }
}
