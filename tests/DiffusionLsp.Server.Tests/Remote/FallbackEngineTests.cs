using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Remote;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>Which engine answers: the remote one, the local one, or none; and what the user is told.</summary>
public sealed class FallbackEngineTests
{
    private const string Props = """{"model_path":"dream-7b","diffusion":{"parameters":7600000000}}""";
    private const string Text = """{"choices":[{"text":"elsewhere","finish_reason":"stop"}]}""";
    private static readonly InfillRequest Request = new() { Prefix = "int a = ", MayLeave = true, Budget = TimeSpan.FromSeconds(5), Related = [new RelatedText("b.cs", "int b;")] };

    private readonly ManualTime time = new();
    private readonly ScriptedEngine local = new("here");
    private int loads;

    private FallbackEngine Open(string url, RemoteFallback fallback = RemoteFallback.Local) => FallbackEngine.Open(new RemoteOptions { Url = url, Fallback = fallback }, () =>
    {
        loads++;
        return local;
    }, time);

    private static async Task<string> TextAsync(FallbackEngine engine, InfillRequest? request = null) => (await engine.InfillAsync(request ?? Request, new DecodeOptions(), CancellationToken.None)).Completion;

    [Fact]
    public async Task The_engine_elsewhere_answers_and_none_is_loaded_here()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/v1/completions", Text));
        using FallbackEngine engine = Open(remote.Url);
        Assert.Equal("elsewhere", await TextAsync(engine));
        Assert.Equal(0, loads);
        Assert.Equal(("dream-7b", "remote", 7_600_000_000), (engine.Model.Name, engine.Model.Device, engine.Model.Parameters));
        Assert.Equal($"dream-7b at {new Uri(remote.Url).Authority}", engine.Notice);
    }

    [Fact]
    public async Task While_it_does_not_answer_the_model_of_this_machine_does_and_both_changes_are_told()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/v1/completions", Text));
        using FallbackEngine engine = Open(remote.Url);
        var told = new List<string?>();
        engine.Changed += () => told.Add(engine.Notice);
        Assert.Equal("elsewhere", await TextAsync(engine));
        remote.Answer = (context, _) => ScriptedRemote.JsonAsync(context, "{}", 500);
        for (int i = 0; i < 5; i++) Assert.Equal("here", await TextAsync(engine));
        Assert.Equal(3, remote.Received.Count(sent => sent.Path == "/v1/completions") - 1); // then it is left alone
        Assert.Equal(1, loads);
        Assert.Contains("failed (500); scripted answers instead.", Assert.Single(told));
        Assert.All(local.Requests, request => Assert.Empty(request.Related)); // it is small
        remote.Answer = null;
        time.Advance(TimeSpan.FromSeconds(6));
        for (int i = 0; i < 200 && await TextAsync(engine) != "elsewhere"; i++) await Task.Delay(20);
        Assert.Equal("elsewhere", await TextAsync(engine));
        Assert.Equal(2, told.Count);
        Assert.StartsWith("dream-7b at ", told[1]);
        Assert.Equal("/health", remote.Received.Last(sent => sent.Method == "GET").Path);
    }

    [Fact]
    public async Task An_engine_that_is_not_there_when_the_server_starts_is_asked_when_it_is()
    {
        using FallbackEngine engine = Open("http://127.0.0.1:9");
        Assert.Equal("127.0.0.1:9 does not answer (connection refused); the local model answers instead.", engine.Notice);
        Assert.Equal("here", await TextAsync(engine));
    }

    [Fact]
    public async Task A_file_that_must_not_leave_is_completed_here()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/v1/completions", Text));
        using FallbackEngine engine = Open(remote.Url);
        Assert.Equal("here", await TextAsync(engine, Request with { MayLeave = false }));
        Assert.DoesNotContain(remote.Received, sent => sent.Path == "/v1/completions");
    }

    [Fact]
    public async Task With_never_nobody_stands_in_and_the_reason_is_told()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props), ("/v1/completions", "{\"error\":\"out of memory\"}"));
        using FallbackEngine engine = Open(remote.Url, RemoteFallback.Never);
        Assert.Contains("stays on this machine", (await Assert.ThrowsAsync<RemoteException>(() => TextAsync(engine, Request with { MayLeave = false }))).Message);
        for (int i = 0; i < 5; i++) Assert.Contains("failed: out of memory; there are no suggestions until it works again", (await Assert.ThrowsAsync<RemoteException>(() => TextAsync(engine))).Message);
        Assert.Equal(0, loads);
    }

    [Fact]
    public async Task Elsewhere_shows_no_trace()
    {
        await using ScriptedRemote remote = await ScriptedRemote.StartAsync(("/props", Props));
        using FallbackEngine engine = Open(remote.Url);
        Assert.Contains("diffusionLsp.remoteUrl", (await Assert.ThrowsAsync<EngineException>(() => engine.TraceAsync(Request, new DecodeOptions(), CancellationToken.None))).Message);
    }

    [Fact]
    public async Task Both_are_disposed()
    {
        FallbackEngine engine = Open("http://127.0.0.1:9");
        await TextAsync(engine);
        engine.Dispose();
        await local.DisposalAsync();
    }
}
