using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Remote;
using Microsoft.AspNetCore.Http;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>Engines over real sockets that answer and fail as the real ones do.</summary>
public sealed class RemoteEngineTests
{
    private const string Props = """{"default_generation_settings":{"n_ctx":4096},"model_path":"/models/qwen.gguf"}""";
    private static readonly InfillRequest Request = new() { Prefix = "int canary = ", Suffix = ";\n", SingleLine = true, MayLeave = true, Budget = TimeSpan.FromSeconds(5) };
    private static readonly DecodeOptions Decode = new() { Length = 16 };

    private static Task<InfillResult> FillAsync(ScriptedRemote remote, RemoteOptions? options = null, InfillRequest? request = null, CancellationToken cancellation = default) =>
        new RemoteEngine((options ?? new RemoteOptions()) with { Url = remote.Url }).FillAsync(request ?? Request, Decode, cancellation);

    private static async Task<RemoteException> FailureAsync(ScriptedRemote remote, RemoteOptions? options = null, InfillRequest? request = null) =>
        await Assert.ThrowsAsync<RemoteException>(() => FillAsync(remote, options, request));

    [Theory]
    [InlineData("/props", """{"model_path":"dream-7b","diffusion":{"version":1,"parameters":7600000000}}""", "/v1/completions", """{"choices":[{"text":"5","finish_reason":"stop"}],"diffusion":{"stop_reason":"EndOfLine","forwards":2}}""", "dream-7b", 7_600_000_000)]
    [InlineData("/props", Props, "/infill", "data: {\"content\":\"5\",\"stop\":false}\n\ndata: {\"content\":\"\",\"stop\":true,\"tokens_predicted\":1}\n\n", "qwen.gguf", null)]
    [InlineData("/api/version", """{"version":"0.14.0"}""", "/api/generate", "{\"response\":\"5\",\"done\":false}\n{\"response\":\"\",\"done\":true,\"eval_count\":1}\n", "coder:7b", null)]
    public async Task The_kind_is_found_out_and_the_hole_is_filled(string sign, string says, string endpoint, string answer, string model, long? parameters)
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync((sign, says), (endpoint, answer), ("/api/tags", """{"models":[{"name":"coder:7b"}]}"""));
        using var engine = new RemoteEngine(new RemoteOptions { Url = remote.Url });
        InfillResult result = await engine.FillAsync(Request, Decode, CancellationToken.None);
        Assert.Equal("5", result.Completion);
        Assert.Equal((model, parameters), (engine.Server!.Model, engine.Server.Parameters));
        Assert.Equal(endpoint, remote.Received[^1].Path);
        Assert.Equal(sign == "/props" && parameters is not null, remote.Received[^1].Headers.ContainsKey("x-session-id"));
        int asked = remote.Received.Count;
        await engine.FillAsync(Request, Decode, CancellationToken.None);
        Assert.Equal(asked + 1, remote.Received.Count); // it is asked once what it is
    }

    [Fact]
    public async Task An_engine_that_does_not_say_what_it_is_gets_no_code()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync();
        RemoteException failure = await FailureAsync(remote);
        Assert.Equal(RemoteFailure.Refused, failure.Failure);
        Assert.Contains("set diffusionLsp.remoteKind to one of diffusion-lsp, llama.cpp, ollama, mistral, suffix, template", failure.Message);
        Assert.All(remote.Received, sent => Assert.Equal(("GET", ""), (sent.Method, sent.Body)));
    }

    [Fact]
    public async Task What_must_not_leave_does_not()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/infill", "{}"));
        Assert.Equal(RemoteFailure.Private, (await FailureAsync(remote, request: Request with { MayLeave = false })).Failure);
        Assert.Empty(remote.Received);
    }

    /// <summary>Status and body from the engine, and the resulting error.</summary>
    public static TheoryData<string, int, string, string?, string, string> Refusals => new()
    {
        { "suffix", 400, """{"error":{"message":"suffix is not currently supported","type":"BadRequestError","param":null,"code":400}}""", null, "Refused", "suffix is not currently supported" }, // vLLM
        { "suffix", 400, """{"object":"error","message":"suffix is not currently supported","type":"BadRequestError","code":400}""", null, "Refused", "suffix is not currently supported" }, // vLLM, earlier
        { "llama.cpp", 401, """{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}""", null, "Refused", "remoteKeyVariable" },
        { "llama.cpp", 501, """{"error":{"code":501,"message":"Infill is not supported by this model","type":"not_supported_error"}}""", null, "Unreachable", "Infill is not supported" },
        { "llama.cpp", 503, """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""", null, "Busy", "Loading model" },
        { "ollama", 400, """{"error":"registry.ollama.ai/library/llama3 does not support insert"}""", null, "Refused", "does not support insert" },
        { "ollama", 404, """{"error":"model 'x' not found"}""", null, "Refused", "remoteModel" },
        { "mistral", 429, """{"message":"Requests rate limit exceeded"}""", "7", "Busy", "busy (429)" },
        { "mistral", 422, """{"object":"error","message":{"detail":[{"msg":"int canary = "}]}}""", null, "Refused", "422" },
        { "suffix", 400, """{"error":{"message":"input was: int canary = ;"}}""", null, "Refused", "400" }, // it quotes code
        { "suffix", 302, "", null, "Refused", "redirects" },
        { "suffix", 500, "<html>oops</html>", null, "Unreachable", "500" },
        { "suffix", 200, "<html>hello</html>", null, "Unreachable", "disconnected" },
        { "diffusion-lsp", 200, "<html>hello</html>", null, "Unreachable", "not a JSON object" },
        { "diffusion-lsp", 200, "[]", null, "Unreachable", "not a JSON object" },
        { "diffusion-lsp", 200, """{"error":{"message":"device lost"}}""", null, "Unreachable", "device lost" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_one_sentence_without_code(string kind, int status, string body, string? after, string failure, string expected)
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync((context, _) =>
        {
            if (context.Request.Method == "GET") return ScriptedRemote.JsonAsync(context, """{"data":[{"id":"m"}],"models":[{"name":"m"}]}""");
            if (after is not null) context.Response.Headers.RetryAfter = after;
            if (status == 302) context.Response.Headers.Location = "http://models.example/";
            return ScriptedRemote.JsonAsync(context, body, status);
        });
        RemoteException e = await FailureAsync(remote, new RemoteOptions { Kind = kind });
        Assert.Equal(failure, e.Failure.ToString());
        Assert.Contains(expected, e.Message);
        Assert.DoesNotContain("canary", e.Message);
        Assert.DoesNotContain('\n', e.Message);
        if (after is not null) Assert.Equal(TimeSpan.FromSeconds(7), e.After);
    }

    [Fact]
    public async Task A_key_goes_to_the_engine_and_into_no_message()
    {
        using var folder = new TemporaryFolder();
        string key = new Uri(folder.Write("key", "s3cret-key")).LocalPath;
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync((context, _) => ScriptedRemote.JsonAsync(context, """{"error":{"message":"wrong key s3cret-key"}}""", 401));
        RemoteException e = await FailureAsync(remote, new RemoteOptions { Kind = "suffix", Model = "m", KeyFile = key });
        Assert.Equal("Bearer s3cret-key", remote.Received[^1].Headers["authorization"]);
        Assert.DoesNotContain("s3cret", e.Message);
    }

    [Theory]
    [InlineData("data: {\"content\":\"5\",\"stop\":false}\n\n")] // the stream ends in the middle
    [InlineData("data: {\"content\":\"5\",\"sto")]
    [InlineData("")]
    public async Task Half_an_answer_is_none(string half)
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/infill", half));
        Assert.Equal(RemoteFailure.Unreachable, (await FailureAsync(remote)).Failure);
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_a_failure()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(async (context, _) =>
        {
            if (context.Request.Path == "/props") await ScriptedRemote.JsonAsync(context, Props);
            else
            {
                await ScriptedRemote.EventsAsync(context, """{"content":"5","stop":false}""");
                context.Abort();
            }
        });
        Assert.Equal(RemoteFailure.Unreachable, (await FailureAsync(remote)).Failure);
    }

    [Theory]
    [InlineData("diffusion-lsp")]
    [InlineData("suffix")]
    public async Task An_answer_without_end_is_given_up(string kind)
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(async (context, _) =>
        {
            if (context.Request.Method == "GET")
            {
                await ScriptedRemote.JsonAsync(context, """{"data":[{"id":"m"}]}""");
                return;
            }
            string piece = $"data: {{\"choices\":[{{\"text\":\"\"}}],\"x\":\"{new string('x', 60_000)}\"}}\n\n";
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(piece, context.RequestAborted);
        });
        RemoteException e = await FailureAsync(remote, new RemoteOptions { Kind = kind });
        Assert.Contains("larger than 1 MB", e.Message);
    }

    [Fact]
    public async Task An_engine_that_hangs_is_given_up_and_hears_of_it()
    {
        var left = new TaskCompletionSource();
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(async (context, _) =>
        {
            if (context.Request.Path == "/props") await ScriptedRemote.JsonAsync(context, Props);
            else await HangAsync(context, left);
        });
        RemoteException e = await FailureAsync(remote, request: Request with { Budget = TimeSpan.FromMilliseconds(50) });
        Assert.Contains("did not answer within", e.Message);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_wants_no_more_text_ends_the_request()
    {
        var left = new TaskCompletionSource();
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(async (context, _) =>
        {
            if (context.Request.Path == "/props") await ScriptedRemote.JsonAsync(context, Props);
            else
            {
                await ScriptedRemote.EventsAsync(context, """{"content":"one","stop":false}""", """{"content":" two","stop":false}""");
                await HangAsync(context, left);
            }
        });
        InfillResult result = await FillAsync(remote, request: Request with { SingleLine = false, Progress = written => written == "one two" });
        Assert.Equal(("one two", StopReason.Enough), (result.Completion, result.StopReason));
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_line_ends_where_the_engine_goes_on()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/infill", "data: {\"content\":\"5;\\nint b\",\"stop\":false}\n\ndata: {\"content\":\" = 6\",\"stop\":true}\n\n"));
        InfillResult result = await FillAsync(remote);
        Assert.Equal(("5;", StopReason.EndOfLine), (result.Completion, result.StopReason));
    }

    [Fact]
    public async Task Cancelling_reaches_the_engine()
    {
        var arrived = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(async (context, _) =>
        {
            if (context.Request.Path == "/props")
            {
                await ScriptedRemote.JsonAsync(context, """{"diffusion":{}}""");
                return;
            }
            arrived.SetResult();
            await HangAsync(context, left);
        });
        using var cancel = new CancellationTokenSource();
        Task<InfillResult> filling = FillAsync(remote, cancellation: cancel.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filling);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Other_files_stay_here_if_the_setting_says_so()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/infill", "data: {\"content\":\"5\",\"stop\":true}\n\n"));
        InfillRequest request = Request with { Related = [new RelatedText("b.cs", "int other;")] };
        await FillAsync(remote, request: request);
        Assert.Contains("int other;", remote.Received[^1].Body);
        await FillAsync(remote, new RemoteOptions { Context = false }, request);
        Assert.DoesNotContain("other", remote.Received[^1].Body);
    }

    /// <summary>Until the client disconnects.</summary>
    private static async Task HangAsync(HttpContext context, TaskCompletionSource left)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            left.TrySetResult();
        }
    }
}
