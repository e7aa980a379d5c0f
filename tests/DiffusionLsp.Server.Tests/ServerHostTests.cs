using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Tests.Completion;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Tests;

/// <summary>The server over a connection: who is answered what, in which order, and how it ends.</summary>
public class ServerHostTests
{
    private static async Task<int> ErrorCodeAsync(Task<JsonElement> request)
    {
        Exception e = await Assert.ThrowsAnyAsync<Exception>(() => request);
        return e switch
        {
            RemoteMethodNotFoundException => -32601,
            RemoteRpcException { ErrorCode: { } code } => (int)code,
            OperationCanceledException => -32800,
            _ => throw e,
        };
    }

    [Fact]
    public async Task Initialize_says_what_the_server_can()
    {
        await using var client = new TestClient(_ => new ScriptedEngine(""));
        JsonElement result = await client.StartAsync();
        JsonElement capabilities = result.GetProperty("capabilities");
        Assert.Equal("utf-16", capabilities.GetProperty("positionEncoding").GetString());
        Assert.Equal(2, capabilities.GetProperty("textDocumentSync").GetProperty("change").GetInt32());
        Assert.True(capabilities.GetProperty("inlineCompletionProvider").GetBoolean());
        Assert.Equal(JsonValueKind.Object, capabilities.GetProperty("completionProvider").ValueKind);
        Assert.Equal("diffusion-lsp", result.GetProperty("serverInfo").GetProperty("name").GetString());
    }

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
        var engine = new ScriptedEngine(request => request.Prefix.Trim()) { Hold = release.Task };
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
        Assert.Equal("t = t =", (await all[^1]).GetProperty("items")[0].GetProperty("insertText").GetString());
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
        for (int i = 0; i < 500 && engine.Cancelled == 0; i++) await Task.Delay(10);
        Assert.Equal(1, engine.Cancelled);
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

    [Fact]
    public async Task Bad_parameters_are_named_without_a_stack_trace()
    {
        await using var client = new TestClient(_ => new ScriptedEngine(""));
        await client.StartAsync();
        foreach (object? bad in new object?[] { new { }, null, new { textDocument = new { uri = "a" }, position = new { line = -1, character = 0 } }, new { textDocument = 1, position = 2 } })
        {
            var e = await Assert.ThrowsAnyAsync<RemoteRpcException>(() => client.RequestAsync("textDocument/inlineCompletion", bad));
            Assert.Equal(-32602, (int?)e.ErrorCode);
            Assert.Null(e.ErrorData);
            Assert.DoesNotContain("   at ", e.Message);
            Assert.DoesNotContain("DiffusionLsp.", e.Message);
        }
        Assert.Equal(-32601, await ErrorCodeAsync(client.RequestAsync("textDocument/hover", new { })));
    }

    [Fact]
    public async Task Life_cycle_is_guarded()
    {
        await using var client = new TestClient(_ => new ScriptedEngine(""));
        Assert.Equal(-32002, await ErrorCodeAsync(client.RequestAsync("shutdown", null)));
        await client.StartAsync();
        Assert.Equal(-32600, await ErrorCodeAsync(client.RequestAsync("initialize", new { })));
        Assert.Equal(JsonValueKind.Null, (await client.RequestAsync("shutdown", null)).ValueKind);
        Assert.Equal(-32600, await ErrorCodeAsync(client.RequestAsync("textDocument/completion", TestClient.At(0, 0))));
        await client.NotifyAsync("exit", null);
        Assert.Equal(0, await client.ExitCode.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData("""{"capabilities":{},"clientInfo":{}}""")]
    [InlineData("""{"capabilities":{},"clientInfo":null,"rootUri":null,"workspaceFolders":null}""")]
    [InlineData("""{"capabilities":{},"workspaceFolders":[{"uri":"file:///w","name":null}]}""")]
    [InlineData("""{"capabilities":{},"workspaceFolders":[{"uri":"file:///w"}]}""")]
    [InlineData("""{"capabilities":{},"processId":-1}""")]
    [InlineData("""{"capabilities":{},"processId":0}""")]
    [InlineData("""{"capabilities":{},"processId":2147483647}""")]
    [InlineData("""{"capabilities":{},"processId":4294967296}""")]
    [InlineData("""{"capabilities":{},"processId":"x"}""")]
    [InlineData("""{"capabilities":{},"processId":1e400}""")]
    [InlineData("""{"capabilities":5,"initializationOptions":"x"}""")]
    [InlineData("""{}""")]
    public async Task What_editors_leave_out_at_the_start_is_accepted(string parameters)
    {
        await using var client = new TestClient(_ => new ScriptedEngine("x"));
        Assert.Equal(JsonValueKind.Object, (await client.RequestAsync("initialize", JsonDocument.Parse(parameters).RootElement)).ValueKind);
        await client.CompleteAsync("a = ║");
        Assert.False(client.ExitCode.IsCompleted);
    }

    [Theory]
    [InlineData("""{"capabilities":{},"rootUri":5}""")]
    [InlineData("""{"capabilities":{},"workspaceFolders":[null]}""")]
    [InlineData("""{"capabilities":{},"workspaceFolders":[{"uri":null}]}""")]
    [InlineData("""{"capabilities":{},"clientInfo":{"name":[]}}""")]
    public async Task An_initialize_that_failed_may_be_tried_again(string parameters)
    {
        await using var client = new TestClient(_ => new ScriptedEngine("x"));
        var e = await Assert.ThrowsAnyAsync<RemoteRpcException>(() => client.RequestAsync("initialize", JsonDocument.Parse(parameters).RootElement));
        Assert.Equal(-32602, (int?)e.ErrorCode);
        Assert.DoesNotContain("System.", e.Message);
        Assert.Equal(-32002, await ErrorCodeAsync(client.RequestAsync("shutdown", null)));
        await client.StartAsync();
        await client.CompleteAsync("a = ║");
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

    [Fact]
    public async Task Switched_off_everything_is_answered_and_no_model_loaded()
    {
        int loads = 0;
        await using var client = new TestClient(_ =>
        {
            loads++;
            return new ScriptedEngine("x");
        });
        await client.StartAsync(options: new { enabled = false });
        await client.OpenAsync("a = ");
        var e = await Assert.ThrowsAnyAsync<RemoteRpcException>(() => client.RequestAsync("$/diffusion/trace", TestClient.At(0, 4)));
        Assert.Equal(-32803, (int?)e.ErrorCode);
        Assert.Contains("switched off", e.Message);
        for (int i = 0; i < 3; i++) Assert.Contains("switched off", (await client.RequestAsync("$/diffusion/doctor", null)).GetProperty("report").GetString());
        Assert.Equal(0, loads);
    }

    [Fact]
    public async Task Who_waits_for_a_model_that_is_then_not_wanted_goes_without()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("x"));
        client.Settings = new { enabled = false };
        // It can be asked for its settings, and those that hold until then switch completions on.
        await client.RequestAsync("initialize", new { capabilities = new { workspace = new { configuration = true } } });
        Task<JsonElement> early = client.CompleteAsync("a = ║", triggerKind: 1);
        Task<JsonElement> doctor = client.RequestAsync("$/diffusion/doctor", null);
        await client.NotifyAsync("initialized", new { });
        Assert.Equal(JsonValueKind.Null, (await early).ValueKind);
        Assert.False((await doctor).GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public async Task The_doctor_looks_at_the_engine_that_runs_and_waits_for_it()
    {
        int loads = 0;
        using var told = new ManualResetEventSlim();
        await using var client = new TestClient(_ =>
        {
            loads++;
            told.Wait();
            return new ScriptedEngine("x");
        });
        await client.StartAsync();
        Task<JsonElement>[] calls = [.. Enumerable.Range(0, 10).Select(_ => client.RequestAsync("$/diffusion/doctor", null))];
        told.Set();
        Assert.All(await Task.WhenAll(calls), answer => Assert.True(answer.GetProperty("healthy").GetBoolean()));
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task Exit_without_shutdown_and_a_lost_connection_are_code_1()
    {
        await using var client = new TestClient(_ => new ScriptedEngine(""));
        await client.StartAsync();
        await client.NotifyAsync("exit", null);
        Assert.Equal(1, await client.ExitCode.WaitAsync(TimeSpan.FromSeconds(10)));

        var lost = new TestClient(_ => new ScriptedEngine(""));
        await lost.StartAsync();
        await lost.DisposeAsync();
        Assert.Equal(1, await lost.ExitCode);
    }

    [Fact]
    public async Task Status_and_progress_follow_the_model()
    {
        using ManualResetEventSlim begun = new(), told = new();
        var release = new TaskCompletionSource();
        await using var client = new TestClient((_, progress) =>
        {
            begun.Wait();
            SpinWait.SpinUntil(() =>
            {
                progress!(0.424);
                return told.IsSet;
            });
            return new ScriptedEngine("x") { Hold = release.Task };
        });
        await client.StartAsync(new { window = new { workDoneProgress = true } });
        await client.UntilAsync("$/progress", p => p.GetProperty("value").GetProperty("kind").GetString() == "begin");
        begun.Set();
        Assert.Equal(42, (await client.UntilAsync("$/progress", p => p.GetProperty("value").GetProperty("kind").GetString() == "report")).GetProperty("value").GetProperty("percentage").GetInt32());
        told.Set();
        JsonElement ready = await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        Assert.Equal(
            """{"state":"ready","message":"scripted on cpu","model":"scripted","device":"cpu","decoder":"auto","lastMilliseconds":null,"lastForwards":null,"progress":null}""",
            TestClient.Text(ready));
        await client.UntilAsync("$/progress", p => p.GetProperty("value").GetProperty("kind").GetString() == "end");
        Task<JsonElement> completion = client.CompleteAsync("a = ║");
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "busy");
        release.SetResult();
        await completion;
        JsonElement after = await client.UntilAsync("$/diffusion/status", s => s.GetProperty("lastForwards").ValueKind == JsonValueKind.Number && s.GetProperty("state").GetString() == "ready");
        Assert.Equal((5.1, 3), (after.GetProperty("lastMilliseconds").GetDouble(), after.GetProperty("lastForwards").GetInt32()));
        Assert.Equal([("loading", null), ("loading", 0.42), ("ready", null), ("busy", null)], client.Received("$/diffusion/status").Take(4).Select(s =>
            (s.GetProperty("state").GetString(), s.GetProperty("progress").ValueKind == JsonValueKind.Null ? (double?)null : s.GetProperty("progress").GetDouble())));
    }

    [Fact]
    public async Task A_client_that_refuses_a_progress_gets_none()
    {
        using var asked = new ManualResetEventSlim();
        await using var client = new TestClient(_ =>
        {
            asked.Wait();
            return new ScriptedEngine("x");
        }) { Refused = "window/workDoneProgress/create" };
        await client.StartAsync(new { window = new { workDoneProgress = true } });
        await client.UntilAsync("window/workDoneProgress/create", _ => true);
        asked.Set();
        await client.CompleteAsync("a = ║");
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("lastForwards").ValueKind == JsonValueKind.Number);
        Assert.Empty(client.Received("$/progress"));
    }

    [Fact]
    public async Task A_model_that_does_not_load_is_told_and_the_server_lives()
    {
        await using var client = new TestClient(_ => throw new EngineException("There is no model; install one."));
        await client.StartAsync();
        JsonElement status = await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "error");
        Assert.Equal("There is no model; install one.", status.GetProperty("message").GetString());
        Assert.Equal("""{"items":[]}""", (await client.CompleteAsync("a = ║")).GetRawText());
    }

    [Fact]
    public async Task Settings_are_asked_for_pushed_and_obeyed()
    {
        var loads = new List<EngineOptions>();
        await using var client = new TestClient(options =>
        {
            loads.Add(options);
            return new ScriptedEngine("x");
        });
        client.Settings = new { debounceMs = 0, modelPath = "/a", nonsense = 1, threshold = 7 };
        await client.StartAsync(new { workspace = new { configuration = true } });
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        Assert.Equal("/a", Assert.Single(loads).ModelFolder); // not the default first
        await client.UntilAsync("window/logMessage", m => m.GetProperty("message").GetString()!.Contains("threshold"));
        await client.NotifyAsync("workspace/didChangeConfiguration", new { settings = new { diffusionLsp = new { enabled = false, modelPath = "/a" } } });
        Assert.Equal("""{"items":[]}""", (await client.CompleteAsync("a = ║", triggerKind: 1)).GetRawText());
        await client.NotifyAsync("workspace/didChangeConfiguration", new { settings = new { diffusionLsp = new { modelPath = "/b" } } });
        Assert.NotEqual("""{"items":[]}""", (await client.CompleteAsync("a = ║", triggerKind: 1)).GetRawText());
        Assert.Equal(["/a", "/b"], loads.Select(l => l.ModelFolder));
    }

    [Fact]
    public async Task Traces_are_sent_on_demand_and_hold_no_code()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("topSecretName;"));
        await client.StartAsync();
        await client.CompleteAsync("a = ║");
        Assert.Empty(client.Received("$/logTrace"));
        await client.NotifyAsync("$/setTrace", new { value = "messages" });
        await client.CompleteAsync("someCode = ║");
        string line = (await client.UntilAsync("$/logTrace", _ => true)).GetProperty("message").GetString()!;
        Assert.Matches(@"^completion 2: 14 chars, decode, [\d.]+ ms, wait [\d.]+, tokenize 0.1, prompt 2.0 \(30/40 cached\), decode 3.0, 3 forwards, 5 tokens, EndOfText$", line);
        Assert.Single(client.Received("$/logTrace"));
        await client.NotifyAsync("$/setTrace", new { value = "verbose" });
        double before = Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;
        await client.CompleteAsync("moreCode = ║");
        string told = (await client.UntilAsync("$/logTrace", l => l.GetProperty("message").GetString()!.StartsWith("answer "))).GetProperty("message").GetString()!;
        Match answer = Regex.Match(told, @"^answer (\d+) went out at ([\d.]+) ms$");
        Assert.InRange(double.Parse(answer.Groups[2].Value, CultureInfo.InvariantCulture), before, Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency);
    }
}
