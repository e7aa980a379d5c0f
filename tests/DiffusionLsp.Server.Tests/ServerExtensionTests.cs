using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests;

/// <summary>What the server does over a connection besides completions: encodings, commands, metrics, being turned off.</summary>
public class ServerExtensionTests
{
    [Theory]
    [InlineData(null, "utf-16")]
    [InlineData("utf-8,utf-16", "utf-16")]
    [InlineData("utf-32,utf-8", "utf-32")]
    [InlineData("utf-8", "utf-8")]
    [InlineData("utf-7", "utf-16")]
    public async Task Position_encodings_are_negotiated(string? offered, string chosen)
    {
        await using var client = new TestClient(_ => new ScriptedEngine("b;"));
        object capabilities = offered is null ? new { } : new { general = new { positionEncodings = offered.Split(',') } };
        JsonElement result = await client.StartAsync(capabilities);
        Assert.Equal(chosen, result.GetProperty("capabilities").GetProperty("positionEncoding").GetString());

        // "é🙂 = " is 6 code units, 8 bytes and 5 code points; the change puts x in front of the blank.
        int At(int utf16, int utf8, int utf32) => chosen switch { "utf-8" => utf8, "utf-32" => utf32, _ => utf16 };
        await client.OpenAsync("é🙂 = ");
        object place = new { line = 0, character = At(3, 6, 2) };
        await client.NotifyAsync("textDocument/didChange", new { textDocument = new { uri = TestClient.Uri, version = 2 }, contentChanges = new[] { new { range = new { start = place, end = place }, text = "x" } } });
        JsonElement item = (await client.RequestAsync("textDocument/inlineCompletion", TestClient.At(0, At(7, 10, 6)))).GetProperty("items")[0];
        Assert.Equal("é🙂x = b;", item.GetProperty("insertText").GetString());
        Assert.Equal(At(7, 10, 6), item.GetProperty("range").GetProperty("end").GetProperty("character").GetInt32());
    }

    [Fact]
    public async Task What_is_accepted_is_counted_without_code()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("secretName;"));
        await client.StartAsync();
        JsonElement item = (await client.CompleteAsync("a = ║")).GetProperty("items")[0];
        JsonElement command = item.GetProperty("command");
        Assert.Equal(JsonValueKind.Null, (await client.RequestAsync("workspace/executeCommand", new { command = command.GetProperty("command").GetString(), arguments = command.GetProperty("arguments") })).ValueKind);
        IReadOnlyList<MetricsEvent> counted = await client.CountedAsync(3);
        Assert.Equal([MetricsEvent.Answer, MetricsEvent.Shown, "accepted"], counted.Select(e => e.Event));
        Assert.Equal(("decode", "typescript", 11), (counted[2].Path, counted[2].Language, counted[2].Characters));
        Assert.DoesNotContain("secret", string.Concat(counted.Select(e => e.ToJson())));
    }

    [Fact]
    public async Task Nothing_is_counted_when_the_setting_says_so()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("x;"));
        await client.StartAsync(options: new { debounceMs = 0, metrics = false });
        await client.CompleteAsync("a = ║");
        Assert.Empty(client.Counted);
    }

    [Theory]
    [InlineData("""{"command":"diffusion.unheardOf"}""")]
    [InlineData("""{"command":"diffusion.accepted"}""")]
    [InlineData("""{"command":"diffusion.accepted","arguments":["x"]}""")]
    public async Task Commands_that_make_no_sense_are_bad_parameters(string json)
    {
        await using var client = new TestClient(_ => new ScriptedEngine(""));
        await client.StartAsync();
        var e = await Assert.ThrowsAnyAsync<StreamJsonRpc.RemoteRpcException>(() => client.RequestAsync("workspace/executeCommand", JsonElement.Parse(json)));
        Assert.Equal(-32602, (int?)e.ErrorCode);
    }

    [Fact]
    public async Task Off_is_a_state_that_loads_no_model()
    {
        int loads = 0;
        await using var client = new TestClient(_ =>
        {
            loads++;
            return new ScriptedEngine("x");
        });
        await client.StartAsync(options: new { enabled = false });
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "off");
        Assert.Equal("""{"items":[]}""", (await client.CompleteAsync("a = ║", triggerKind: 1)).GetRawText());
        Assert.Equal(0, loads);
        await client.NotifyAsync("workspace/didChangeConfiguration", new { settings = new { diffusionLsp = new { enabled = true } } });
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task Doctor_and_text_are_answered()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("x"));
        await client.StartAsync();
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        Assert.Equal("""{"healthy":true,"report":"report"}""", (await client.RequestAsync("$/diffusion/doctor", new { })).GetRawText());
        await client.OpenAsync("a\r\n🙂");
        object document = new { textDocument = new { uri = TestClient.Uri } };
        JsonElement text = await client.RequestAsync("$/diffusion/text", document);
        Assert.Equal((1, "a\r\n🙂"), (text.GetProperty("version").GetInt32(), text.GetProperty("text").GetString()));
        await client.NotifyAsync("textDocument/didClose", document);
        Assert.Equal(JsonValueKind.Null, (await client.RequestAsync("$/diffusion/text", document)).ValueKind);
    }

    [Fact]
    public async Task Changes_of_settings_are_registered_for_where_the_client_wants_it()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("x"));
        await client.StartAsync(new { workspace = new { didChangeConfiguration = new { dynamicRegistration = true } } });
        JsonElement registration = await client.UntilAsync("client/registerCapability", _ => true);
        Assert.Equal("workspace/didChangeConfiguration", registration.GetProperty("registrations")[0].GetProperty("method").GetString());
    }
}
