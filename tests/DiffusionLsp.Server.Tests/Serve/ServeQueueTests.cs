using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Serve;

/// <summary>Queueing over HTTP with the real engine; one prompt blocks the decode thread until the test releases it.</summary>
public sealed class ServeQueueTests
{
    private const string HeldPrompt = "held = ";

    [Fact]
    public async Task A_newer_request_for_the_same_file_replaces_the_one_that_waits_and_more_are_refused()
    {
        var engine = new Held(); // the server disposes of it
        await using RunningServe serve = await RunningServe.StartAsync(engine.Load, engine: Limits(waiting: 3));
        var first = Ask(serve, HeldPrompt, "a");
        await engine.EnteredAsync();
        var older = await AskedAsync("x = ", "a", "x.py");
        var other = await AskedAsync("y = ", "a", "y.py");
        Assert.Equal(429, (await Ask(serve, "z = ", "a", "z.py")).Status);
        var newer = await AskedAsync("x = 1 + ", "a", "x.py");
        Assert.Equal((200, ""), TextOf(await older));
        var elsewhere = await AskedAsync("x = 1 + ", "b", "x.py");
        Assert.Equal(503, (await Ask(serve, "x = ", "c")).Status);
        Assert.Equal(200, (await Ask(serve, "x = ", "c", length: 0)).Status); // nothing to decode, nothing to wait for
        engine.LetGo();
        foreach (var task in new[] { first, other, newer, elsewhere }) Assert.Equal(200, (await task).Status);
        Assert.Equal(7, engine.Asked); // the engine refuses, so all but the one without a token have reached it
        return;

        async Task<Task<(int Status, JsonElement Body)>> AskedAsync(string prompt, string session, string path)
        {
            var asked = Ask(serve, prompt, session, path);
            await engine.ArrivalAsync(asked);
            return asked;
        }
    }

    [Fact]
    public async Task What_is_made_ahead_of_time_gives_way_unless_somebody_waits_for_it_too()
    {
        var engine = new Held(); // the server disposes of it
        await using RunningServe serve = await RunningServe.StartAsync(engine.Load, engine: Limits(waiting: 1));
        var ahead = Ask(serve, HeldPrompt, "a", ahead: true);
        await engine.EnteredAsync();
        var typed = Ask(serve, "x = ", "b");
        await engine.ArrivalAsync(typed);
        engine.LetGo();
        Assert.Equal((200, ""), TextOf(await ahead));
        Assert.Equal(200, (await typed).Status);

        engine.HoldAgain();
        ahead = Ask(serve, HeldPrompt, "a", ahead: true);
        await engine.EnteredAsync();
        var equal = Ask(serve, HeldPrompt, "a");
        while (await JoinedAsync(serve) == 0) await Task.Delay(10);
        typed = Ask(serve, "x = ", "b");
        await engine.ArrivalAsync(typed);
        engine.LetGo();
        Assert.NotEqual("", TextOf(await equal).Text);
        Assert.Equal(TextOf(await equal), TextOf(await ahead));
        Assert.Equal(200, (await typed).Status);
    }

    private static async Task<double> JoinedAsync(RunningServe serve) => (await serve.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n')
        .Where(line => line.StartsWith("diffusion_lsp_joined_requests_total ")).Select(line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).Single();

    private static EngineOptions Limits(int waiting) => new() { Device = "cpu", Threads = 1, MostActive = 1, MostWaiting = waiting, MostWaitingPerSession = 2 };

    private static Task<(int Status, JsonElement Body)> Ask(RunningServe serve, string prompt, string session, string? path = null, bool ahead = false, int length = 8) => serve.PostAsync(
        "/v1/completions", new { prompt, suffix = "\n", max_tokens = length, diffusion = new { path, background = ahead, budget_ms = 60_000 } }, ("X-Session-Id", session));

    private static (int Status, string? Text) TextOf((int Status, JsonElement Body) answer) => (answer.Status, answer.Body.GetProperty("choices")[0].GetProperty("text").GetString());

    /// <summary>The embedded model, which blocks on one prompt.</summary>
    private sealed class Held : ICompletionEngine
    {
        private readonly ManualResetEventSlim gate = new();
        private readonly SemaphoreSlim arrivals = new(0), entrances = new(0);
        private ICompletionEngine? inner;
        private int asked;

        public ModelSummary Model => inner!.Model;

        public int Running => inner!.Running;

        /// <summary>Requests that reached the engine.</summary>
        public int Asked => asked;

        public ICompletionEngine Load(EngineOptions options, Action<double>? progress)
        {
            inner = InfillEngineAdapter.Load(options, progress);
            return this;
        }

        public void LetGo() => gate.Set();

        public void HoldAgain() => gate.Reset();

        /// <summary>Waits until the blocking prompt is being decoded.</summary>
        public async Task EnteredAsync()
        {
            await entrances.WaitAsync();
            await arrivals.WaitAsync();
        }

        /// <summary>Waits until another request waits in the engine.</summary>
        /// <param name="request">Which must not be over before.</param>
        public async Task ArrivalAsync(Task request) => Assert.NotSame(request, await Task.WhenAny(request, arrivals.WaitAsync()));

        public async Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation)
        {
            Interlocked.Increment(ref asked);
            if (request.Prefix.StartsWith(HeldPrompt))
            {
                bool isIn = false;
                request = request with
                {
                    Progress = _ =>
                    {
                        if (!isIn) entrances.Release();
                        isIn = true;
                        gate.Wait(CancellationToken.None);
                        return false;
                    },
                };
            }
            Task<InfillResult> result = inner!.InfillAsync(request, options, cancellation);
            arrivals.Release();
            return await result;
        }

        public Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) => inner!.TraceAsync(request, options, cancellation);

        public void Dispose()
        {
            gate.Set();
            inner?.Dispose();
        }
    }
}
