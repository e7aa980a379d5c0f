using System.Text.Json;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Telemetry;
using DiffusionLsp.Server.Tests.Completion;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace DiffusionLsp.Server.Tests.Telemetry;

/// <summary>A listener that throws affects neither the other listeners nor the server.</summary>
public sealed class ListenersTests
{
    private readonly CollectedLog log = new();

    [Fact]
    public void Each_event_reaches_its_listeners_in_order_and_one_that_throws_is_logged_without_the_event()
    {
        using Logger logger = log.Create();
        var listeners = new Listeners(logger);
        var told = new List<string>();
        listeners.On<Rung>(rung => told.Add($"first {rung.Text}"));
        listeners.On<Rung>(_ => throw new InvalidOperationException("It is deaf."));
        listeners.On<Knocked>(_ => told.Add("knocked"));
        listeners.On<ServerEvent>(happened => told.Add(happened.GetType().Name));
        listeners.Tell(new Rung("secret"));
        Assert.Equal(["first secret", "Rung"], told);
        LogEvent line = Assert.Single(log.Lines);
        Assert.Equal((LogEventLevel.Error, "a listener to Rung failed", "It is deaf."), (line.Level, line.RenderMessage(), line.Exception!.Message));
        Assert.DoesNotContain("secret", line.RenderMessage() + line.Exception);
    }

    [Fact]
    public async Task A_tracker_that_throws_inside_every_event_does_not_stop_the_server()
    {
        using Logger logger = log.Create();
        var engine = new ScriptedEngine("b + c;");
        await using var client = new TestClient((_, _) => engine, with: options => options with { Log = logger, Listen = listeners => listeners.On<ServerEvent>(_ => throw new InvalidOperationException("It is deaf.")) });
        await client.StartAsync();
        await client.UntilAsync("$/diffusion/status", s => s.GetProperty("state").GetString() == "ready");
        await client.CompleteAsync("a = ║");
        await client.NotifyAsync("textDocument/didChange", new { textDocument = new { uri = TestClient.Uri, version = 2 }, contentChanges = new[] { new { text = "a = b + c;\nd = " } } });
        JsonElement answer = await client.RequestAsync("textDocument/inlineCompletion", TestClient.At(1, 4));
        Assert.Equal("d = b + c;", answer.GetProperty("items")[0].GetProperty("insertText").GetString());
        await client.NotifyAsync("textDocument/didClose", new { textDocument = new { uri = TestClient.Uri } });
        Assert.Equal(JsonValueKind.Null, (await client.RequestAsync("shutdown", null)).ValueKind);
        await client.NotifyAsync("exit", null);
        Assert.Equal(0, await client.ExitCode.WaitAsync(TimeSpan.FromSeconds(10)));
        string[] failed = [.. log.Lines.Where(line => line.Level == LogEventLevel.Error).Select(line => line.RenderMessage()).Distinct()];
        foreach (Type type in new[] { typeof(DocumentChange), typeof(ModelStatus), typeof(DecodeBegan), typeof(DecodeEnded), typeof(FinishedCompletion), typeof(SuggestionShown), typeof(SuggestionEnded) })
            Assert.Contains($"a listener to {type.Name} failed", failed);
        Assert.All(failed, line => Assert.StartsWith("a listener to ", line));
    }

    private sealed record Rung(string Text) : ServerEvent;

    private sealed record Knocked : ServerEvent;
}
