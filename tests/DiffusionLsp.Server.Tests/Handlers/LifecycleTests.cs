using System.Text.Json;
using DiffusionLsp.Server.Tests.Completion;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>How a session with a client begins and ends, and requests out of order.</summary>
public sealed class LifecycleTests
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
}
