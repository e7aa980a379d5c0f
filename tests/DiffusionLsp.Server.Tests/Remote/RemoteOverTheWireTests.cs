using System.Text.Json;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>A language server with a remote engine: what is sent to it, what never is, and what the client is told.</summary>
public sealed class RemoteOverTheWireTests
{
    private const string Props = """{"model_path":"dream-7b","diffusion":{"parameters":7600000000}}""";
    private const string Text = """{"choices":[{"text":"elsewhere();","finish_reason":"stop"}]}""";

    private static async Task<string> CompleteAsync(TestClient client, string uri, string text = "canary = ")
    {
        await client.NotifyAsync("textDocument/didOpen", new { textDocument = new { uri, languageId = "typescript", version = 1, text } });
        return TestClient.Text(await client.RequestAsync("textDocument/inlineCompletion", new { textDocument = new { uri }, position = new { line = 0, character = text.Length }, context = new { triggerKind = 1 } }));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("never")]
    public async Task Excluded_ignored_and_secret_files_never_leave_this_machine(string fallback)
    {
        using var folder = new TemporaryFolder();
        folder.Write(".gitignore", "generated/\n");
        folder.Write(".diffusionignore", "legacy/\n");
        foreach (string name in new[] { "generated/near.ts", "legacy/near.ts", "near.pem", "private.ts" }) folder.Write(name, "const canary = totalOf(cart);\n");
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/v1/completions", Text));
        await using var client = new TestClient(_ => new ScriptedEngine("here();"));
        await client.StartAsync(options: new { debounceMs = 0, remoteUrl = remote.Url, remoteFallback = fallback, exclude = new[] { "private.ts" }, context = "always" }, root: folder.Uri);

        foreach (string name in new[] { "legacy/a.ts", ".env", "private.ts" })
            Assert.Equal("""{"items":[]}""", await CompleteAsync(client, $"{folder.Uri}/{name}"));
        Assert.Equal(fallback == "local", (await CompleteAsync(client, $"{folder.Uri}/generated/a.ts")).Contains("here();"));
        Assert.DoesNotContain(remote.Received, sent => sent.Method == "POST");

        // The open file may leave; those beside it, which would help, may not.
        for (int i = 0; i < 20; i++)
        {
            Assert.Contains("elsewhere();", await CompleteAsync(client, $"{folder.Uri}/a{i}.ts", "totalOf(cart) + "));
            await Task.Delay(20);
        }
        Assert.Contains(remote.Received, sent => sent.Method == "POST" && sent.Body.Contains("totalOf(cart)"));
        Assert.DoesNotContain(remote.Received, sent => sent.Body.Contains("canary"));
        Assert.DoesNotContain(remote.Received, sent => sent.Body.Contains(folder.Path));
    }

    [Fact]
    public async Task The_status_says_who_answers()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/v1/completions", Text));
        await using var client = new TestClient(_ => new ScriptedEngine("here();"));
        await client.StartAsync(options: new { debounceMs = 0, remoteUrl = remote.Url });
        JsonElement ready = await ReadyAsync(client, "dream-7b at ");
        Assert.Equal(("dream-7b", "remote"), (ready.GetProperty("model").GetString(), ready.GetProperty("device").GetString()));
        remote.Answer = (context, _) => ScriptedRemote.JsonAsync(context, """{"error":{"message":"Invalid API Key"}}""", 401);
        Assert.Contains("here();", await CompleteAsync(client, TestClient.Uri));
        Assert.Contains("does not accept the key (401: Invalid API Key)", (await ReadyAsync(client, "the key")).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Without_a_stand_in_the_reason_is_the_status()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("here();"));
        await client.StartAsync(options: new { debounceMs = 0, remoteUrl = "http://127.0.0.1:9", remoteFallback = "never" });
        Assert.Equal("""{"items":[]}""", await CompleteAsync(client, TestClient.Uri));
        JsonElement nothing = (await client.UntilAsync("$/diffusion/status", s => s.GetProperty("nothing").ValueKind is JsonValueKind.Object)).GetProperty("nothing");
        Assert.Equal("remoteUnavailable", nothing.GetProperty("reason").GetString());
        Assert.StartsWith("127.0.0.1:9 does not answer (connection refused); there are no suggestions until it works again", nothing.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Settings_that_cannot_be_used_are_an_error_and_nothing_is_sent()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("here();"));
        await client.StartAsync(options: new { debounceMs = 0, remoteUrl = "http://gpu-box:8012" });
        JsonElement status = await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "error");
        Assert.Contains("unencrypted to gpu-box:8012", status.GetProperty("message").GetString());
    }

    private static Task<JsonElement> ReadyAsync(TestClient client, string message) => client.UntilAsync("$/diffusion/status",
        s => s.GetProperty("state").GetString() == "ready" && s.GetProperty("message").GetString()!.Contains(message));
}
