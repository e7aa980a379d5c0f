using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog.Core;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>How a decode ends for the requests that wait for it and for the one that started it.</summary>
public class RunningDecodesTests
{
    private readonly RunningDecodes running = new(new Listeners(Logger.None), TimeProvider.System);
    private readonly CompletionRequest request = new()
    {
        Document = new TextDocument("file:///a.ts", "typescript", 1, "a = "), Offset = 4, Trigger = CompletionTrigger.Invoked,
        Source = CompletionSource.Inline, Settings = new ServerSettings(),
    };

    [Fact]
    public async Task An_engine_that_refuses_at_once_ends_the_decode_like_one_that_fails_later()
    {
        Task<InfillResult>? told = null;
        using DecodeTicket ticket = running.Start(request, true, (_, _) => throw new EngineException("It is closed."), decode => told = decode);
        Assert.Equal("It is closed.", (await Assert.ThrowsAsync<EngineException>(() => ticket.ResultAsync(default))).Message);
        Assert.True(told!.IsFaulted);
        Assert.Null(running.Join(request));
    }

    [Fact]
    public void Only_a_request_that_asks_for_the_same_joins()
    {
        using DecodeTicket ticket = running.Start(request, true, (_, _) => new TaskCompletionSource<InfillResult>().Task, _ => { });
        CompletionRequest[] others =
        [
            request with { Related = [new("b.cs", "text of another file")] },
            request with { Path = "b.ts" },
            request with { Settings = request.Settings with { ModelPath = "/other" } },
            request with { Settings = request.Settings with { CrossFileTokens = 1 } },
            request with { Decode = new DecodeOptions { Length = 1 } },
            request with { Document = new TextDocument("file:///a.ts", "javascript", 1, "a = ") },
        ];
        Assert.All(others, other => Assert.Null(running.Join(other)));
        using DecodeTicket? joined = running.Join(request with { Related = [], Settings = request.Settings with { } });
        Assert.NotNull(joined);
    }

    [Fact]
    public async Task Who_waits_is_answered_before_the_end_is_told()
    {
        var order = new List<string>();
        var told = new TaskCompletionSource();
        var release = new TaskCompletionSource<InfillResult>();
        using DecodeTicket ticket = running.Start(request, true, (_, _) => release.Task, _ =>
        {
            order.Add("end");
            told.SetResult();
        });
        Task answer = ticket.ResultAsync(default).ContinueWith(_ => order.Add("answer"), TaskContinuationOptions.ExecuteSynchronously);
        release.SetResult(new InfillResult { Completion = "b;", StopReason = StopReason.EndOfText, Forwards = 1, Tokens = 2, PromptTokens = 1, CachedPromptTokens = 0, Timings = new InfillTimings(0, 0, 1) });
        await Task.WhenAll(answer, told.Task);
        Assert.Equal(["answer", "end"], order);
    }
}
