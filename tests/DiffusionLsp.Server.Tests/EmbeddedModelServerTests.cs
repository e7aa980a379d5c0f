using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests;

/// <summary>The embedded model's suggestions as shown: with brackets that an editor closes by itself, and in other scripts.</summary>
[Trait("tier", "slow")]
public sealed class EmbeddedModelServerTests
{
    // The first load of libtorch may take longer than a client waits.
    static EmbeddedModelServerTests() => InfillEngine.Load(new EngineOptions { Device = "cpu", Threads = 1 }).Dispose();

    private static readonly string[] Drawn =
    [
        "function sum(values: number[]) {\n  let total = 0;\n  for (const value of values) {\n    if (value ║)\n  }\n}\n",
        "function sum(values: number[]) {\n  return values.map(║);\n}\n",
        "function sum(values: number[]) {\n  console.log(\"║\")\n}\n",
        "function sum(values: number[]) {\n  console.log(`sum: ${║}`)\n}\n",
        "function sum(values: number[]) {\n  const a = values[║];\n}\n",
        "function sum(values: number[]) {\n  if (values.filter(x => x.includes('║')))\n}\n",
        "const a = foo(bar({ a: 1, b: [║] }));\n",
        "const a = new Map<string, ║>();\n",
        "// Эта функция складывает ║\nfunction sum(a, b) {\n",
        "const s = \"Привет, ║\";\n",
        "// 数字の合計を║\nfunction sum(a, b) {\n",
        "/* यह फलन ║ */\nfunction sum(a, b) {\n",
    ];

    public static TheoryData<string> Cases => [.. Drawn];

    [Theory, MemberData(nameof(Cases))]
    public async Task Nothing_shown_breaks_what_was_whole(string drawn)
    {
        await using var client = new TestClient(options => InfillEngineAdapter.Load(options with { Threads = 1 }));
        await client.StartAsync(null, new { debounceMs = 0, prefetch = false, device = "cpu", latencyBudgetMs = 0, midLine = "always" });
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        (string text, int offset) = Cursor.Split(drawn);
        // The cursor, and each place to which the suggestion's beginning brings it.
        for (int step = 0; step < 6; step++)
        {
            JsonElement answer = await client.CompleteAsync(Cursor.Draw(text, offset), triggerKind: 1);
            if (answer.ValueKind == JsonValueKind.Null || answer.GetProperty("items").GetArrayLength() == 0) return;
            JsonElement item = answer.GetProperty("items")[0], range = item.GetProperty("range");
            int line = text.LastIndexOf('\n', Math.Max(0, offset - 1)) + 1, from = line + Character(range, "start"), to = line + Character(range, "end");
            string insert = item.GetProperty("insertText").GetString()!, now = text.Remove(from, to - from).Insert(from, insert);
            Assert.StartsWith(text[from..offset], insert, StringComparison.Ordinal);
            Assert.DoesNotContain('\uFFFD', insert);
            Assert.False(string.IsNullOrWhiteSpace(insert[(offset - from)..]));
            string rest = text[offset..].Split('\n')[0];
            if (rest.Length > 0)
                foreach ((char open, char close) in new[] { ('(', ')'), ('[', ']'), ('{', '}'), ('"', '"'), ('`', '`') })
                    Assert.True(Odd(now, open, close) <= Odd(text, open, close), $"{text}\nbecame\n{now}");
            text = text.Insert(offset, insert[offset - from].ToString());
            if (char.IsHighSurrogate(text[offset]) || rest.StartsWith(text[offset])) return;
            offset++;
        }
    }

    private static int Character(JsonElement range, string end) => range.GetProperty(end).GetProperty("character").GetInt32();

    private static int Odd(string text, char open, char close) =>
        open == close ? text.Count(c => c == open) % 2 : Math.Abs(text.Count(c => c == open) - text.Count(c => c == close));
}
