using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Server.Tests.Completion;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Another open document's text reaches the engine, above the prefix and within its budget; by default it does not.</summary>
[Trait("tier", "slow")]
public class ContextOverTheWireTests
{
    private const string Other = "file:///w/b.ts";

    [Theory]
    [InlineData("always", true)]
    [InlineData("auto", false)] // the scripted model is small
    public async Task An_open_document_helps_another(string context, bool helps)
    {
        var engine = new ScriptedEngine(request => $"x{request.Related.Count};");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync(options: new { debounceMs = 0, context, crossFileTokens = 99, cacheEntries = 0 });
        await client.NotifyAsync("textDocument/didOpen", new
        {
            textDocument = new { uri = Other, languageId = "typescript", version = 1, text = "export function totalOf(cart, discount) {\r\n  return cart;\r\n}\r\n" },
        });
        // The first request has the snippets selected in the background; a later one brings them.
        for (int i = 0; i < 200 && (i < 5 || (helps && engine.Requests[^1].Related.Count == 0)); i++)
            await client.CompleteAsync($"totalOf(cart, discount{i} + ║)");
        InfillRequest last = engine.Requests[^1];
        if (helps) Assert.Equal(new RelatedText("b.ts", "export function totalOf(cart, discount) {\n  return cart;\n}"), Assert.Single(last.Related));
        else Assert.Empty(last.Related);
        Assert.Equal(99, last.RelatedTokens);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_n_gram_cache_sees_another_open_document_unless_it_is_switched_off(bool workspaceCache)
    {
        CodeTokenizer tokenizer = CodeTokenizer.Load(EmbeddedModel.FolderOr(null));
        var engine = new ScriptedEngine("x;") { Indexed = tokenizer };
        await using var client = new TestClient(_ => engine);
        await client.StartAsync(options: new { debounceMs = 0, cacheEntries = 0, workspaceCache });
        await client.NotifyAsync("textDocument/didOpen", new { textDocument = new { uri = Other, languageId = "typescript", version = 1, text = "export function totalOf(cart, discount) {\n  return cart;\n}\n" } });
        for (int i = 0; i < 200 && (i < 5 || (workspaceCache && engine.Requests[^1].Workspace is null)); i++)
        {
            await client.CompleteAsync($"totalOf(cart, discount{i} + ║)");
            await Task.Delay(50);
        }
        WorkspaceIndex? index = engine.Requests[^1].Workspace;
        if (workspaceCache) Assert.NotNull(index!.Find(tokenizer.Encode("export function totalOf(cart,")));
        else Assert.Null(index);
        Assert.Empty(engine.Requests[^1].Related); // a small model is shown nothing of it
    }

    [Theory]
    [InlineData("untitled:.env")]
    [InlineData("vscode-remote://ssh-remote%2Bhost/w/.env")]
    [InlineData("vscode-vfs://github/w/.env")]
    [InlineData("vscode-notebook-cell:/w/.aws/a.ipynb#W1")]
    [InlineData("file:/w/.env")]
    public async Task Nothing_is_offered_in_secrets_under_any_scheme(string uri)
    {
        await using var client = new TestClient(_ => new ScriptedEngine("secret"));
        await client.StartAsync();
        Assert.Equal("""{"items":[]}""", await CompleteAsync(client, uri));
        Assert.Contains("secret", await CompleteAsync(client, uri.Replace(".env", "a.ts").Replace(".aws", "aws")));
    }

    [Fact]
    public async Task A_secret_is_not_traced_either()
    {
        var engine = new ScriptedEngine("secret");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        await client.NotifyAsync("textDocument/didOpen", new { textDocument = new { uri = "untitled:.env", languageId = "properties", version = 1, text = "KEY=" } });
        var e = await Assert.ThrowsAnyAsync<RemoteRpcException>(() => client.RequestAsync("$/diffusion/trace", new { textDocument = new { uri = "untitled:.env" }, position = new { line = 0, character = 4 } }));
        Assert.Contains(".env is excluded", e.Message);
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task The_ignore_file_of_a_folder_that_is_added_later_counts_while_it_is_there()
    {
        using var folder = new TemporaryFolder();
        folder.Write(".diffusionignore", "legacy/\n");
        await using var client = new TestClient(_ => new ScriptedEngine("x;"));
        JsonElement folders = (await client.StartAsync()).GetProperty("capabilities").GetProperty("workspace").GetProperty("workspaceFolders");
        Assert.True(folders.GetProperty("supported").GetBoolean() && folders.GetProperty("changeNotifications").GetBoolean());
        string uri = folder.Uri + "/legacy/a.ts";
        Assert.Contains("x;", await CompleteAsync(client, uri));
        await client.NotifyAsync("workspace/didChangeWorkspaceFolders", new { @event = new { added = new[] { new { uri = folder.Uri, name = "f" } }, removed = Array.Empty<object>() } });
        Assert.Equal("""{"items":[]}""", await CompleteAsync(client, uri));
        await client.NotifyAsync("workspace/didChangeWorkspaceFolders", new { @event = new { added = Array.Empty<object>(), removed = new[] { new { uri = folder.Uri + "/", name = "f" } } } });
        Assert.Contains("x;", await CompleteAsync(client, uri));
    }

    [Theory]
    [InlineData(".diffusionignore")]
    [InlineData(".gitignore")]
    [InlineData("exclude")]
    public async Task A_suggestion_that_may_be_copied_from_a_file_is_forgotten_when_that_file_is_excluded(string how)
    {
        using var folder = new TemporaryFolder();
        folder.Write("keys.ts", "const canary = 1;\n");
        var engine = new ScriptedEngine("canary;") { Indexed = CodeTokenizer.Load(EmbeddedModel.FolderOr(null)) };
        await using var client = new TestClient(_ => engine);
        await client.StartAsync(options: new { debounceMs = 0, prefetch = false }, root: folder.Uri);
        string uri = folder.Uri + "/a.ts";
        for (int i = 0; i < 200 && (i == 0 || engine.Requests[^1].Workspace is null); i++)
        {
            await CompleteAsync(client, uri, $"x{i} = ");
            await Task.Delay(50);
        }
        Assert.NotNull(engine.Requests[^1].Workspace);
        for (int i = 0; i < 3; i++) Assert.Contains("canary;", await CompleteAsync(client, uri));
        int asked = engine.Requests.Count;
        Assert.Contains("canary;", await CompleteAsync(client, uri));
        Assert.Equal(asked, engine.Requests.Count); // remembered
        if (how == "exclude") await client.NotifyAsync("workspace/didChangeConfiguration", new { settings = new { diffusionLsp = new { debounceMs = 0, prefetch = false, exclude = new[] { "keys.ts" } } } });
        else folder.Write(how, "keys.ts\n");
        for (int i = 0; i < 200 && engine.Requests.Count == asked; i++)
        {
            await CompleteAsync(client, uri);
            await Task.Delay(50);
        }
        Assert.True(engine.Requests.Count > asked);
    }

    private static async Task<string> CompleteAsync(TestClient client, string uri, string text = "x = ")
    {
        await client.NotifyAsync("textDocument/didOpen", new { textDocument = new { uri, languageId = "typescript", version = 1, text } });
        return TestClient.Text(await client.RequestAsync("textDocument/inlineCompletion", new { textDocument = new { uri }, position = new { line = 0, character = text.Length }, context = new { triggerKind = 1 } }));
    }
}
