using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Tests.Completion;
using DiffusionLsp.Server.Tracing;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Tracing;

/// <summary>A trace uses the ordinary pipeline: the model gets the request that a completion would make.</summary>
public sealed class CompletionTracerTests
{
    [Fact]
    public async Task The_model_is_asked_what_a_completion_asks()
    {
        var engine = new ScriptedEngine("total;");
        using var fixture = new SessionFixture(engine);
        CompletionRequest request = fixture.At("f() {\n  return ║\n}", CompletionTrigger.Invoked);
        await fixture.CompleteAsync(request);
        TraceOutcome outcome = await CompletionTracer.TraceAsync(engine, request, Logger.None, CancellationToken.None);
        Assert.Contains("total;", outcome.Trace!.Result.Completion);
        Assert.Contains("<title>Decoding", outcome.Html);
        Assert.Equal(2, engine.Requests.Count);
        Assert.Equal((engine.Requests[0].Prefix, engine.Requests[0].Suffix, engine.Requests[0].SingleLine), (engine.Requests[1].Prefix, engine.Requests[1].Suffix, engine.Requests[1].SingleLine));
        Assert.Equal(engine.Options[0], engine.Options[1]);
    }

    [Fact]
    public async Task A_failure_is_a_sentence()
    {
        var engine = new ScriptedEngine(_ => throw new EngineException("The model is lost; find it."));
        using var fixture = new SessionFixture(engine);
        TraceOutcome outcome = await CompletionTracer.TraceAsync(engine, fixture.At("x = ║"), Logger.None, CancellationToken.None);
        Assert.Null(outcome.Html);
        Assert.Equal("The model is lost; find it.", outcome.Problem);
    }

    [Fact]
    public async Task Where_a_completion_would_not_ask_the_model_the_reason_is_told()
    {
        var engine = new ScriptedEngine("x");
        using var fixture = new SessionFixture(engine);
        CompletionRequest request = fixture.At("x = ║", CompletionTrigger.Invoked);
        foreach ((CompletionRequest closed, string sentence) in new[]
        {
            (request with { ExclusionLookup = Task.FromResult<string?>("a.ts is excluded.") }, "a.ts is excluded."),
            (request with { Document = request.Document.OutOfStep() }, "There is nothing to trace, because no completion is computed here (OutOfStep)."),
        })
        {
            TraceOutcome outcome = await CompletionTracer.TraceAsync(engine, closed, Logger.None, CancellationToken.None);
            Assert.Equal((null, sentence), (outcome.Html, outcome.Problem));
        }
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task A_trace_holds_the_model_until_it_is_done()
    {
        var release = new TaskCompletionSource();
        var engine = new ScriptedEngine("a + b;") { Hold = release.Task };
        await using var client = new TestClient(_ => engine);
        await client.StartAsync();
        await client.OpenAsync("x = ");
        Task<JsonElement> trace = client.RequestAsync("$/diffusion/trace", new { textDocument = new { uri = TestClient.Uri }, position = new { line = 0, character = 4 } });
        await engine.ArrivalAsync();
        await client.NotifyAsync("workspace/didChangeConfiguration", new { settings = new { diffusionLsp = new { modelPath = "/other" } } });
        await client.RequestAsync("$/diffusion/text", new { textDocument = new { uri = TestClient.Uri } }); // the change has arrived
        Assert.Equal(0, engine.Disposals);
        release.SetResult();
        Assert.StartsWith("<!DOCTYPE html>", (await trace).GetProperty("html").GetString());
        await engine.DisposalAsync();
    }

    [Fact]
    public async Task The_request_answers_with_a_page()
    {
        await using var client = new TestClient(_ => new ScriptedEngine("a + b;"));
        await client.StartAsync();
        await client.OpenAsync("<b>x</b> = ");
        JsonElement answer = await client.RequestAsync("$/diffusion/trace", new { textDocument = new { uri = TestClient.Uri }, position = new { line = 0, character = 11 } });
        Assert.StartsWith("<!DOCTYPE html>", answer.GetProperty("html").GetString());
        Assert.Contains("&lt;b&gt;x&lt;/b&gt;", answer.GetProperty("html").GetString());
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => client.RequestAsync("$/diffusion/trace", new { textDocument = new { uri = "file:///other.cs" }, position = new { line = 0, character = 0 } }));
        Assert.Contains("is not open", refused.Message);
    }
}
