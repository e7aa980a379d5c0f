using System.Text.Json;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>The form of the item: what it replaces, how it begins, and how much of a line it contains.</summary>
public class InlineCompletionHandlerTests
{
    private static async Task<JsonElement> AskAsync(TestClient client, string drawn, object? context = null, string method = "textDocument/inlineCompletion")
    {
        (string text, int offset) = Cursor.Split(drawn);
        await client.OpenAsync(text);
        string[] before = text[..offset].Split('\n');
        return await client.RequestAsync(method, new
        {
            textDocument = new { uri = TestClient.Uri }, position = new { line = before.Length - 1, character = before[^1].Length }, context = context ?? new { triggerKind = 1 },
        });
    }

    /// <summary>The one-line document with the item applied.</summary>
    private static string Accept(string text, JsonElement item)
    {
        JsonElement range = item.GetProperty("range");
        int from = range.GetProperty("start").GetProperty("character").GetInt32(), to = range.GetProperty("end").GetProperty("character").GetInt32();
        return text.Remove(from, to - from).Insert(from, item.GetProperty("insertText").GetString()!);
    }

    [Theory]
    [InlineData("if (a ║)", "== 2 || b) // c", "if (a == 2 || b) // c")]
    [InlineData("if (a ║)", "== 2) {", "if (a == 2)")]
    [InlineData("foo(║);", "a).b();", "foo(a).b();")]
    [InlineData("print(\"║\")", "hello\");", "print(\"hello\");")]
    [InlineData("é🙂(║)", "a) + b", "é🙂(a) + b")]
    public async Task What_the_suggestion_writes_again_is_replaced(string drawn, string written, string expected)
    {
        foreach (string encoding in new[] { "utf-16", "utf-8", "utf-32" })
        {
            await using var client = new TestClient(_ => new ScriptedEngine(written));
            await client.StartAsync(new { general = new { positionEncodings = new[] { encoding } } });
            (string text, int offset) = Cursor.Split(drawn);
            await client.OpenAsync(text);
            int Units(string s) => encoding switch { "utf-8" => System.Text.Encoding.UTF8.GetByteCount(s), "utf-32" => s.EnumerateRunes().Count(), _ => s.Length };
            JsonElement item = (await client.RequestAsync("textDocument/inlineCompletion", TestClient.At(0, Units(text[..offset]), 1))).GetProperty("items")[0];
            int end = item.GetProperty("range").GetProperty("end").GetProperty("character").GetInt32();
            string left = text[offset..];
            while (Units(text) - Units(left) < end) left = left[1..];
            Assert.Equal(expected, item.GetProperty("insertText").GetString() + left);
        }
    }

    public static TheoryData<string, string, string, int, int> Entries => new()
    {
        { "console.l║", "(1);", "log", 8, 9 }, // it extends what is typed
        { "console.L║", "(1);", "log", 8, 9 }, // another case
        { "wl║", "(1);", "writeLine", 0, 2 }, // a camel-case match
        { "x.wl║.y", "(1)", "writeLine", 2, 4 },
        { "conxole║", ".log(1);", "con", 0, 7 }, // less than what is typed
        { "con║xole", ".log(1);", "console", 0, 7 }, // the word goes on behind the cursor
        { "a.f║)", "(1) + b", "foo", 2, 3 },
        { "g(f║)", "(1)) + b", "foo", 2, 3 }, // and replaces what it writes again
        { "g(F║)", "(1)) + b", "foo", 2, 3 },
        { "f║", "b();", "if () {\n  ", 0, 1 },
        { "f║", "(1);", "", 0, 1 },
        { "🙂.f║", "(1);", "Foo", 3, 4 },
    };

    [Theory, MemberData(nameof(Entries))]
    public async Task An_item_begins_with_the_selected_entry(string drawn, string written, string entry, int from, int to)
    {
        var engine = new ScriptedEngine(written);
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        object range = new { start = new { line = 0, character = from }, end = new { line = 0, character = to } };
        JsonElement answer = await AskAsync(client, drawn, new { triggerKind = 1, selectedCompletionInfo = new { range, text = entry } });
        string text = Cursor.Split(drawn).Text;
        Assert.Equal(text[..from] + entry, engine.Requests[0].Prefix);
        Assert.Equal(text[to..], engine.Requests[0].Suffix);
        JsonElement item = answer.GetProperty("items")[0];
        Assert.Equal(entry + written, item.GetProperty("insertText").GetString());
        Assert.Equal(from, item.GetProperty("range").GetProperty("start").GetProperty("character").GetInt32());
        Assert.StartsWith(text[..from] + entry + written, Accept(text, item), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 0, 3)] // before the cursor
    [InlineData(0, 6, 0, 8)] // behind it
    [InlineData(0, 4, 1, 1)] // over lines
    [InlineData(1, 0, 0, 4)] // reversed
    public async Task An_entry_that_no_item_can_begin_with_is_left_alone(int fromLine, int from, int toLine, int to)
    {
        var engine = new ScriptedEngine("(1);");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        object range = new { start = new { line = fromLine, character = from }, end = new { line = toLine, character = to } };
        object context = new { triggerKind = 1, selectedCompletionInfo = new { range, text = "other" } };
        Assert.Equal("""{"items":[]}""", (await AskAsync(client, "let x║ = y\nz", context)).GetRawText());
        Assert.Empty(engine.Requests);
    }

    [Theory]
    [InlineData(0, 0, 0, 5, "let x")]
    [InlineData(0, 4, 1, 1, "x = y\nz")]
    public async Task What_stands_in_the_text_is_no_entry(int fromLine, int from, int toLine, int to, string selected)
    {
        await using var client = new TestClient(_ => new ScriptedEngine("y"));
        await client.StartAsync();
        object range = new { start = new { line = fromLine, character = from }, end = new { line = toLine, character = to } };
        JsonElement answer = await AskAsync(client, "let x║ = y\nz", new { triggerKind = 1, selectedCompletionInfo = new { range, text = selected } });
        Assert.Equal("let xy", answer.GetProperty("items")[0].GetProperty("insertText").GetString());
    }

    [Fact]
    public async Task Asked_again_by_hand_it_lists_others_behind_the_same_first_one()
    {
        var engine = new ScriptedEngine("one(1);") { Drawn = seed => seed == 1 ? "one(1);" : $"other{seed}();" };
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        async Task<string> TextsAsync(int triggerKind) =>
            string.Join(' ', (await client.RequestAsync("textDocument/inlineCompletion", TestClient.At(0, 4, triggerKind))).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("insertText").GetString()));
        await client.OpenAsync("a = ");
        Assert.Equal("a = one(1);", await TextsAsync(1)); // nothing was shown yet: the first does not wait for others
        Assert.Equal("a = one(1); a = other2(); a = other3();", await TextsAsync(1));
        Assert.Equal("a = one(1);", await TextsAsync(2));
    }

    [Theory]
    [InlineData("x "), InlineData("🙂")]
    public async Task A_line_of_megabytes_does_not_come_back(string piece)
    {
        string line = string.Concat(Enumerable.Repeat(piece, 1_500_000 / piece.Length));
        foreach (string method in new[] { "textDocument/inlineCompletion", "textDocument/completion" })
            foreach (string rest in new[] { "", ")" + line })
            {
                await using var client = new TestClient(_ => new ScriptedEngine("foo(1)"), maxMessageBytes: 1 << 26);
                await client.StartAsync(options: new { debounceMs = 0, prefetch = false, maxFileKilobytes = 65_536, plainCompletion = "always", midLine = "always" });
                string drawn = line + " = ║" + rest;
                JsonElement answer = await AskAsync(client, drawn, method: method);
                Assert.InRange(answer.GetRawText().Length, 100, 4_000);
                if (method != "textDocument/inlineCompletion") continue;
                Assert.Equal(line + " = foo(1)" + rest, Accept(line + " = " + rest, answer.GetProperty("items")[0]));
            }
    }

    [Fact]
    public async Task A_word_of_megabytes_does_not_come_back_in_a_list()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("foo"), maxMessageBytes: 1 << 26);
        await client.StartAsync(options: new { debounceMs = 0, plainCompletion = "always" });
        JsonElement answer = await AskAsync(client, new string('x', 1_500_000) + "║", method: "textDocument/completion");
        Assert.Equal("foo", answer.GetProperty("items")[0].GetProperty("textEdit").GetProperty("newText").GetString());
    }
}
