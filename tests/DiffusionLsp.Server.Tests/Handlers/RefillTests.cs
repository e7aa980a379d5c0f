using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Tests.Completion;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>Refilling over a connection: offered when it makes sense, applied once, never to another text, and never silently dropped.</summary>
public class RefillTests
{
    private const string Text = "function f(a) {\n  let x = 1;\n  return x;\n}\n";
    private static readonly object Editing = new
    {
        workspace = new { applyEdit = true, workspaceEdit = new { documentChanges = true } },
        textDocument = new { codeAction = new { codeActionLiteralSupport = new { codeActionKind = new { valueSet = new[] { "refactor" } } } } },
    };

    private static object Range(int startLine, int start, int endLine, int end) =>
        new { start = new { line = startLine, character = start }, end = new { line = endLine, character = end } };

    private static readonly object Body = Range(1, 0, 3, 0);

    private static async Task<TestClient> StartAsync(ScriptedEngine engine, object? capabilities = null, object? options = null)
    {
        var client = new TestClient(_ => engine);
        await client.StartAsync(capabilities ?? Editing, options);
        await client.OpenAsync(Text);
        return client;
    }

    private static Task<JsonElement> RefillAsync(TestClient client, object range) =>
        client.RequestAsync("workspace/executeCommand", new { command = "diffusion.refill", arguments = new[] { TestClient.Uri, range } });

    private static async Task<string> ToldAsync(TestClient client) =>
        (await client.UntilAsync("window/showMessage", _ => true)).GetProperty("message").GetString()!;

    [Fact]
    public async Task Initialize_names_the_command_and_the_kind()
    {
        await using var client = new TestClient(_ => new ScriptedEngine(""));
        JsonElement capabilities = (await client.StartAsync()).GetProperty("capabilities");
        Assert.Contains("diffusion.refill", capabilities.GetProperty("executeCommandProvider").GetProperty("commands").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal("""["refactor.rewrite"]""", capabilities.GetProperty("codeActionProvider").GetProperty("codeActionKinds").GetRawText());
    }

    [Fact]
    public async Task The_action_is_a_command_and_computes_nothing()
    {
        var engine = new ScriptedEngine("x");
        await using TestClient client = await StartAsync(engine);
        JsonElement actions = await client.RequestAsync("textDocument/codeAction", new { textDocument = new { uri = TestClient.Uri }, range = Body, context = new { diagnostics = Array.Empty<object>() } });
        Assert.Equal(
            """[{"title":"Refill selection","kind":"refactor.rewrite","command":{"title":"Refill selection","command":"diffusion.refill","arguments":["file:///w/a.ts",{"start":{"line":1,"character":0},"end":{"line":3,"character":0}}]}}]""",
            TestClient.Text(actions));
        Assert.Empty(engine.Requests);
    }

    [Theory]
    [InlineData("refactor", 1)]
    [InlineData("refactor.rewrite", 1)]
    [InlineData("", 1)]
    [InlineData("refactor.rewrite.more", 0)]
    [InlineData("quickfix", 0)]
    public async Task Only_what_is_asked_for_is_offered(string kind, int actions)
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("x"));
        JsonElement answer = await client.RequestAsync("textDocument/codeAction", new { textDocument = new { uri = TestClient.Uri }, range = Body, context = new { only = new[] { kind } } });
        Assert.Equal(actions, answer.GetArrayLength());
    }

    [Fact]
    public async Task Nothing_is_offered_without_a_selection_or_where_it_is_switched_off()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("x"), options: new { exclude = new[] { "secret.ts" } });
        async Task<int> Offered(string uri, object range) =>
            (await client.RequestAsync("textDocument/codeAction", new { textDocument = new { uri }, range, context = new { } })).GetArrayLength();
        Assert.Equal(1, await Offered(TestClient.Uri, Body));
        Assert.Equal(0, await Offered(TestClient.Uri, Range(1, 2, 1, 2)));
        Assert.Equal(0, await Offered("file:///w/closed.ts", Body));
        await client.NotifyAsync("textDocument/didOpen", new { textDocument = new { uri = "file:///w/secret.ts", languageId = "typescript", version = 1, text = Text } });
        Assert.Equal(0, await Offered("file:///w/secret.ts", Body));
        await client.NotifyAsync("workspace/didChangeConfiguration", new { settings = new { diffusionLsp = new { enabled = false } } });
        Assert.Equal(0, await Offered(TestClient.Uri, Body));
    }

    [Fact]
    public async Task A_client_without_code_actions_gets_the_bare_command()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("x"), new { });
        JsonElement answer = await client.RequestAsync("textDocument/codeAction", new { textDocument = new { uri = TestClient.Uri }, range = Body });
        Assert.Equal("diffusion.refill", answer[0].GetProperty("command").GetString());
    }

    [Fact]
    public async Task The_command_applies_a_versioned_edit_between_what_stays()
    {
        var engine = new ScriptedEngine("let y = a;\n  return y;\n}\n\nfunction g() {\n");
        await using TestClient client = await StartAsync(engine);
        Assert.Equal(JsonValueKind.Null, (await RefillAsync(client, Body)).ValueKind);
        Assert.Equal(
            """{"label":"Refill selection","edit":{"documentChanges":[{"textDocument":{"uri":"file:///w/a.ts","version":1},"edits":[{"range":{"start":{"line":1,"character":2},"end":{"line":2,"character":11}},"newText":"let y = a;\n  return y;"}]}]}}""",
            TestClient.Text(Assert.Single(client.Edits)));
        Assert.Equal(("function f(a) {\n  ", "\n}\n"), (engine.Requests[0].Prefix, engine.Requests[0].Suffix));
        Assert.False(engine.Requests[0].SingleLine);
        Assert.True(engine.Requests[0].UsesFimMiddle);
        Assert.Equal(128, engine.Options[0].Length);
        Assert.Empty(client.Received("window/showMessage"));
    }

    private static readonly object Confirming = new { workspace = new { applyEdit = true, workspaceEdit = new { documentChanges = true, changeAnnotationSupport = new { groupsOnLabel = true } } } };

    [Fact]
    public async Task An_editor_that_can_shows_the_edit_before_it_applies_it()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("return a;"), Confirming);
        await RefillAsync(client, Body);
        Assert.Equal(
            """{"label":"Refill selection","edit":{"documentChanges":[{"textDocument":{"uri":"file:///w/a.ts","version":1},"edits":[{"range":{"start":{"line":1,"character":2},"end":{"line":2,"character":11}},"newText":"return a;","annotationId":"Refill selection"}]}],"changeAnnotations":{"Refill selection":{"label":"Refill selection","needsConfirmation":true,"description":"2 lines become 1"}}}}""",
            TestClient.Text(Assert.Single(client.Edits)));
        Assert.Empty(client.Received("window/showMessage"));
    }

    [Fact]
    public async Task A_user_may_take_time_and_say_no()
    {
        var time = new ManualTime();
        await using var client = new TestClient((_, _) => new ScriptedEngine("let y;"), with: options => options with { Time = time });
        await client.StartAsync(Confirming);
        await client.OpenAsync(Text);
        var said = new TaskCompletionSource();
        client.EditHold = said.Task;
        client.EditAnswer = new { applied = false };
        Task<JsonElement> refill = RefillAsync(client, Body);
        await client.EditAskedAsync();
        for (int minute = 0; minute < 10; minute++) time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(refill.IsCompleted);
        said.SetResult();
        await refill;
        Assert.Empty(client.Received("window/showMessage"));
    }

    [Fact]
    public async Task Where_nothing_is_shown_before_fewer_lines_are_told_of()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("return a;"));
        await RefillAsync(client, Body);
        Assert.Single(client.Edits);
        Assert.Equal("2 lines became 1; undo brings them back.", await ToldAsync(client));
    }

    [Theory]
    [InlineData("let y = 1;", "Selection kept: the new text drops 'x', used elsewhere.")]
    public async Task What_the_document_cannot_take_is_told_and_edits_nothing(string written, string sentence)
    {
        await using TestClient client = await StartAsync(new ScriptedEngine(written), Confirming);
        await RefillAsync(client, Range(1, 0, 2, 0));
        Assert.StartsWith(sentence, await ToldAsync(client));
        Assert.Empty(client.Edits);
        JsonElement answer = await client.RequestAsync("$/diffusion/infill", new { textDocument = new { uri = TestClient.Uri }, range = Range(1, 0, 2, 0) });
        Assert.Equal(("", sentence), (answer.GetProperty("text").GetString(), answer.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Line_endings_and_unversioned_clients_are_respected()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("a();\n    b();"));
        await client.StartAsync(new { workspace = new { applyEdit = true } });
        await client.OpenAsync("f() {\r\n    old();\r\n}\r\n");
        await RefillAsync(client, Range(1, 0, 2, 0));
        Assert.Equal(
            """{"changes":{"file:///w/a.ts":[{"range":{"start":{"line":1,"character":4},"end":{"line":1,"character":10}},"newText":"a();\r\n    b();"}]}}""",
            TestClient.Text(Assert.Single(client.Edits).GetProperty("edit")));
    }

    [Fact]
    public async Task A_part_of_a_line_becomes_one_line()
    {
        var engine = new ScriptedEngine("other(1)");
        await using TestClient client = await StartAsync(engine);
        await RefillAsync(client, Range(1, 10, 1, 11));
        Assert.True(engine.Requests[0].SingleLine);
        Assert.Equal(("function f(a) {\n  let x = ", ";\n  return x;\n}\n"), (engine.Requests[0].Prefix, engine.Requests[0].Suffix));
    }

    [Fact]
    public async Task A_document_that_was_changed_meanwhile_is_left_alone_and_the_user_told()
    {
        var release = new TaskCompletionSource();
        var engine = new ScriptedEngine("let y;") { Hold = release.Task };
        await using TestClient client = await StartAsync(engine);
        Task<JsonElement> refill = RefillAsync(client, Body);
        await engine.ArrivalAsync();
        await client.NotifyAsync("textDocument/didChange", new { textDocument = new { uri = TestClient.Uri, version = 2 }, contentChanges = new[] { new { text = "other" } } });
        await client.RequestAsync("textDocument/codeAction", new { textDocument = new { uri = TestClient.Uri }, range = Body }); // the change has arrived
        release.SetResult();
        await refill;
        Assert.Empty(client.Edits);
        Assert.Equal("The document changed while the model was writing, so nothing was refilled; try again.", await ToldAsync(client));
    }

    [Theory]
    [InlineData("  \n", "The model wrote nothing usable")]
    [InlineData("let x = 1;\n  return x;", "The model repeated the selected text")]
    public async Task A_text_of_no_use_is_told_and_edits_nothing(string written, string sentence)
    {
        await using TestClient client = await StartAsync(new ScriptedEngine(written));
        await RefillAsync(client, Body);
        Assert.StartsWith(sentence, await ToldAsync(client));
        Assert.Empty(client.Edits);
    }

    [Fact]
    public async Task An_edit_that_the_editor_refuses_is_told()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("let y;"));
        client.EditAnswer = new { applied = false, failureReason = "read only." };
        await RefillAsync(client, Body);
        Assert.Equal("The editor did not apply the edit (read only), so nothing was refilled; try again.", await ToldAsync(client));
    }

    [Fact]
    public async Task An_editor_that_never_answers_is_not_waited_for_and_the_next_refill_works()
    {
        var time = new ManualTime();
        await using var client = new TestClient((_, _) => new ScriptedEngine("let y;\n  y();"), with: options => options with { Time = time });
        await client.StartAsync(Editing);
        await client.OpenAsync(Text);
        client.EditHold = new TaskCompletionSource().Task;
        Task<JsonElement> refill = RefillAsync(client, Body);
        await client.EditAskedAsync();
        Assert.False(refill.IsCompleted);
        for (int i = 0; i < 2_000 && !refill.IsCompleted; i++) // the wait begins after the edit was sent
        {
            time.Advance(TimeSpan.FromSeconds(31));
            await Task.Delay(5);
        }
        Assert.Equal(JsonValueKind.Null, (await refill).ValueKind);
        Assert.Equal("The editor did not confirm the edit within 30 seconds; check whether the selection was refilled before you try again.", await ToldAsync(client));
        client.EditHold = Task.CompletedTask;
        await RefillAsync(client, Body);
        Assert.Equal(2, client.Edits.Count);
        Assert.Single(client.Received("window/showMessage"));
    }

    [Fact]
    public async Task An_editor_that_fails_on_the_edit_is_told_of()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("let y;"));
        client.EditAnswer = new { nonsense = 1 };
        await RefillAsync(client, Body);
        Assert.StartsWith("The editor did not apply the edit", await ToldAsync(client));
    }

    [Fact]
    public async Task What_keeps_the_model_from_writing_is_told()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("x"), new { });
        await RefillAsync(client, Body);
        Assert.Contains("does not support edits from a server", await ToldAsync(client));

        await using var broken = new TestClient(_ => throw new EngineException("There is no model; install one."));
        await broken.StartAsync(Editing);
        await broken.OpenAsync(Text);
        await RefillAsync(broken, Body);
        Assert.Equal("There is no model; install one.", await ToldAsync(broken));
    }

    [Fact]
    public async Task Infill_answers_text_edit_and_figures()
    {
        var engine = new ScriptedEngine("let y;");
        await using TestClient client = await StartAsync(engine);
        JsonElement answer = await client.RequestAsync("$/diffusion/infill", new { textDocument = new { uri = TestClient.Uri }, range = Body, maxTokens = 20 });
        Assert.Equal(
            """{"text":"let y;","stopReason":"endOfText","forwards":3,"tokens":5,"milliseconds":5.1,"edit":{"documentChanges":[{"textDocument":{"uri":"file:///w/a.ts","version":1},"edits":[{"range":{"start":{"line":1,"character":2},"end":{"line":2,"character":11}},"newText":"let y;"}]}]}}""",
            TestClient.Text(answer));
        Assert.Equal(20, engine.Options[0].Length);
    }

    [Fact]
    public async Task Infill_of_no_use_is_an_empty_text_and_a_refusal_an_error()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine(" "));
        JsonElement answer = await client.RequestAsync("$/diffusion/infill", new { textDocument = new { uri = TestClient.Uri }, range = Body });
        Assert.Equal("", answer.GetProperty("text").GetString());
        Assert.False(answer.TryGetProperty("edit", out _));
        foreach (object bad in new object[] { new { textDocument = new { uri = "file:///w/closed.ts" }, range = Body }, new { textDocument = new { uri = TestClient.Uri }, range = Body, maxTokens = 0 } })
            Assert.Equal(-32602, (int?)(await Assert.ThrowsAnyAsync<RemoteRpcException>(() => client.RequestAsync("$/diffusion/infill", bad))).ErrorCode);
        await client.NotifyAsync("workspace/didChangeConfiguration", new { settings = new { diffusionLsp = new { exclude = new[] { "*.ts" } } } });
        var refused = await Assert.ThrowsAnyAsync<RemoteRpcException>(() => client.RequestAsync("$/diffusion/infill", new { textDocument = new { uri = TestClient.Uri }, range = Body }));
        Assert.Equal(-32803, (int?)refused.ErrorCode);
        Assert.StartsWith("a.ts is excluded by the pattern \"*.ts\"", refused.Message);
    }

    [Fact]
    public async Task An_excluded_file_gets_no_completions_either()
    {
        var engine = new ScriptedEngine("x");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync(options: new { debounceMs = 0, exclude = new[] { "a.ts" } });
        Assert.Equal("""{"items":[]}""", (await client.CompleteAsync("a = ║", triggerKind: 1)).GetRawText());
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task A_newer_refill_takes_the_older_one_s_place()
    {
        var release = new TaskCompletionSource();
        var engine = new ScriptedEngine("let y;\n  y();") { Hold = release.Task };
        await using TestClient client = await StartAsync(engine);
        Task<JsonElement> first = RefillAsync(client, Body);
        await engine.ArrivalAsync();
        Task<JsonElement> second = RefillAsync(client, Body);
        await first;
        await engine.CancellationAsync();
        release.SetResult();
        await second;
        Assert.Single(client.Edits);
        Assert.Equal(1, engine.Cancelled);
        Assert.Empty(client.Received("window/showMessage"));
    }

    [Fact]
    public async Task Bad_commands_are_named()
    {
        await using TestClient client = await StartAsync(new ScriptedEngine("x"));
        foreach (object bad in new object[]
        {
            new { command = "diffusion.other" }, new { command = "diffusion.refill" }, new { command = "diffusion.refill", arguments = new object[] { 1, 2 } },
            new { command = "diffusion.refill", arguments = new object[] { TestClient.Uri, new { start = 1 } } },
        })
            Assert.Equal(-32602, (int?)(await Assert.ThrowsAnyAsync<RemoteRpcException>(() => client.RequestAsync("workspace/executeCommand", bad))).ErrorCode);
    }
}
