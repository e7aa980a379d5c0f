using System.Text.Json;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>How completion requests are answered, and in which order.</summary>
public sealed class CompletionAnswersTests
{
    [Fact]
    public async Task Ghost_text_replaces_the_line_up_to_the_cursor()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("a + b;"));
        await client.StartAsync();
        JsonElement result = await client.CompleteAsync("f(a, b) {\n\treturn ║\n}");
        Assert.Equal("""{"items":[{"insertText":"\treturn a + b;","range":{"start":{"line":1,"character":0},"end":{"line":1,"character":8}},"command":{"title":"","command":"diffusion.accepted","arguments":[1]}}]}""", TestClient.Text(result));
    }

    [Fact]
    public async Task Nothing_to_offer_is_an_empty_list()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("  "));
        await client.StartAsync();
        Assert.Equal("""{"items":[]}""", (await client.CompleteAsync("x = ║")).GetRawText());
    }

    [Fact]
    public async Task The_selected_entry_of_the_list_is_extended()
    {
        var engine = new ScriptedEngine("(1);");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        await client.OpenAsync("console.l");
        object range = new { start = new { line = 0, character = 8 }, end = new { line = 0, character = 9 } };
        JsonElement result = await client.RequestAsync("textDocument/inlineCompletion", new
        {
            textDocument = new { uri = TestClient.Uri }, position = new { line = 0, character = 9 },
            context = new { triggerKind = 2, selectedCompletionInfo = new { range, text = "log" } },
        });
        Assert.Equal("""{"items":[{"insertText":"log(1);","range":{"start":{"line":0,"character":8},"end":{"line":0,"character":9}},"command":{"title":"","command":"diffusion.accepted","arguments":[1]}}]}""", TestClient.Text(result));
        Assert.Equal("console.log", engine.Requests[0].Prefix);
    }

    [Fact]
    public async Task The_overtaken_request_is_answered_null_and_the_latest_in_full()
    {
        var release = new TaskCompletionSource();
        var engine = new ScriptedEngine(request => request.Prefix.Trim(' ', '=')) { Hold = release.Task };
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        await client.OpenAsync("a = ");
        var all = new List<Task<JsonElement>>();
        for (int i = 0; i < 20; i++)
        {
            await client.NotifyAsync("textDocument/didChange", new
            {
                textDocument = new { uri = TestClient.Uri, version = i + 2 },
                contentChanges = new[] { new { range = new { start = new { line = 0, character = 0 }, end = new { line = 0, character = 1 } }, text = $"{(char)('a' + i)}" } },
            });
            all.Add(client.RequestAsync("textDocument/inlineCompletion", TestClient.At(0, 4)));
        }
        await Task.WhenAll(all.Take(19));
        Assert.All(all.Take(19), task => Assert.Equal(JsonValueKind.Null, task.Result.ValueKind));
        release.SetResult();
        Assert.Equal("t = t", (await all[^1]).GetProperty("items")[0].GetProperty("insertText").GetString());
        while (engine.Cancelled < engine.Requests.Count - 1) await engine.CancellationAsync(); // the engine may notice after the caller
        Assert.Equal(engine.Requests.Count - 1, engine.Cancelled);
    }

    [Fact]
    public async Task A_cancelled_request_is_answered_so_and_stops_the_engine()
    {
        var engine = new ScriptedEngine("x") { Hold = new TaskCompletionSource().Task };
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        using var cancel = new CancellationTokenSource();
        Task<JsonElement> request = client.CompleteAsync("a = ║", cancellation: cancel.Token);
        await engine.ArrivalAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await engine.CancellationAsync();
    }

    [Theory]
    [InlineData(false, "auto", 1)]
    [InlineData(true, "auto", 0)]
    [InlineData(true, "always", 1)]
    [InlineData(false, "never", 0)]
    public async Task Lists_are_for_those_without_ghost_text(bool hasInline, string setting, int items)
    {
        await using var client = new TestClient(_ => new ScriptedEngine("gth;\nmore();"));
        await client.StartAsync(
            hasInline ? new { textDocument = new { inlineCompletion = new { } } } : new { },
            new { debounceMs = 0, plainCompletion = setting, multiline = "always" });
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        JsonElement result = await client.CompleteAsync("x = a.len║", method: "textDocument/completion");
        Assert.Equal(items, result.GetProperty("items").GetArrayLength());
        if (items == 0) return;
        Assert.Equal(
            """{"label":"length; ⏎","kind":1,"detail":"DiffusionLsp, 2 lines","documentation":"length;\nmore();","preselect":false,"sortText":"~","filterText":"len","insertTextMode":1,"textEdit":{"range":{"start":{"line":0,"character":6},"end":{"line":0,"character":9}},"newText":"length;\nmore();"}}""",
            TestClient.Text(result.GetProperty("items")[0]));
    }

    [Theory]
    [InlineData("🙂 = né║", "xt;", "néxt;", 5)]
    [InlineData("x = 🙂║", "🙃", "🙃", 6)]
    [InlineData("\tx.║", "y", "y", 3)]
    [InlineData("║", "a", "a", 0)]
    public async Task A_list_entry_replaces_the_word_in_UTF16(string drawn, string written, string text, int start)
    {
        await using var client = new TestClient(_ => new ScriptedEngine(written));
        await client.StartAsync();
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        JsonElement edit = (await client.CompleteAsync(drawn, method: "textDocument/completion")).GetProperty("items")[0].GetProperty("textEdit");
        Assert.Equal(text, edit.GetProperty("newText").GetString());
        Assert.Equal(start, edit.GetProperty("range").GetProperty("start").GetProperty("character").GetInt32());
        Assert.Equal(drawn.Length - 1, edit.GetProperty("range").GetProperty("end").GetProperty("character").GetInt32());
    }

    [Theory]
    [InlineData("""{"uri":"file:///w/a.py","text":"x"}""", "python")]
    [InlineData("""{"uri":"file:///w/a.py","text":"x","version":null,"languageId":null}""", "python")]
    [InlineData("""{"uri":"untitled:1","text":"x","version":7,"languageId":"go"}""", "go")]
    public async Task A_document_may_come_without_version_or_language(string item, string language)
    {
        var engine = new ScriptedEngine("y");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        JsonElement document = JsonDocument.Parse(item).RootElement;
        await client.NotifyAsync("textDocument/didOpen", new { textDocument = document });
        string uri = document.GetProperty("uri").GetString()!;
        Assert.Equal("x", (await client.RequestAsync("$/diffusion/text", new { textDocument = new { uri } })).GetProperty("text").GetString());
        await client.RequestAsync("textDocument/inlineCompletion", new { textDocument = new { uri }, position = new { line = 0, character = 1 }, context = new { triggerKind = 1 } });
        Assert.Equal(language, Assert.Single(engine.Requests).Language);
    }
}
