using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Tests.Completion;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Tests.Handlers;

/// <summary>What the server reports about itself: status, progress, traces, doctor; and that it obeys settings.</summary>
public sealed class StatusTests
{
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
        Assert.Contains("turned off", e.Message);
        for (int i = 0; i < 3; i++) Assert.Contains("turned off", (await client.RequestAsync("$/diffusion/doctor", null)).GetProperty("report").GetString());
        Assert.Equal(0, loads);
    }

    [Fact]
    public async Task Why_nothing_was_offered_is_told_until_something_is()
    {
        var engine = new ScriptedEngine(request => request.Prefix.EndsWith("= ", StringComparison.Ordinal) ? "x;" : "");
        await using var client = new TestClient(_ => engine);
        await client.StartAsync(options: new { debounceMs = 0 });
        async Task<JsonElement> AfterAsync(string drawn, JsonValueKind kind)
        {
            await client.CompleteAsync(drawn);
            return await client.UntilAsync("$/diffusion/status", p => p.GetProperty("nothing").ValueKind == kind, last: true);
        }
        JsonElement nothing = (await AfterAsync("a + ║", JsonValueKind.Object)).GetProperty("nothing");
        Assert.Equal("blank", nothing.GetProperty("reason").GetString());
        Assert.Equal("The model had nothing to add here.", nothing.GetProperty("message").GetString());
        Assert.Equal(TestClient.Uri, nothing.GetProperty("uri").GetString());
        await AfterAsync("a = ║", JsonValueKind.Null);
        nothing = (await AfterAsync("wo║rd", JsonValueKind.Object)).GetProperty("nothing");
        Assert.Equal("insideWord", nothing.GetProperty("reason").GetString());
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
            """{"state":"ready","message":"scripted on cpu","model":"scripted","device":"cpu","decoder":"auto","lastMilliseconds":null,"lastForwards":null,"progress":null,"nothing":null}""",
            TestClient.Text(ready));
        await client.UntilAsync("$/progress", p => p.GetProperty("value").GetProperty("kind").GetString() == "end");
        Task<JsonElement> completion = client.CompleteAsync("a = ║");
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "busy");
        release.SetResult();
        await completion;
        JsonElement after = await client.UntilAsync("$/diffusion/status", s => s.GetProperty("lastForwards").ValueKind == JsonValueKind.Number && s.GetProperty("state").GetString() == "ready");
        Assert.Equal((5.1, 3), (after.GetProperty("lastMilliseconds").GetDouble(), after.GetProperty("lastForwards").GetInt32()));
        Assert.Equal([("loading", null), ("loading", 0.42), ("ready", null), ("busy", null)], client.Received("$/diffusion/status").SkipWhile(s => s.GetProperty("state").GetString() == "starting").Take(4).Select(s =>
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
        double before = Milliseconds();
        await client.CompleteAsync("moreCode = ║");
        // The answer before may be told of as well: it is noted when it is written, which the client may see first.
        JsonElement told = await client.UntilAsync("$/logTrace", l => SentAt(l) > before);
        Assert.InRange(SentAt(told), before, Milliseconds());

        static double Milliseconds() => Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;
        static double SentAt(JsonElement line) => Regex.Match(line.GetProperty("message").GetString()!, @"^answer \d+ went out at ([\d.]+) ms$") is { Success: true } answer
            ? double.Parse(answer.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
    }
}
