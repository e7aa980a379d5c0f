using System.Net;
using System.Text.Json;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Serve;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Serve;

/// <summary>Responses of the server that need no model.</summary>
public sealed class ServeHttpTests
{
    private const string Key = "0123456789abcdef";

    [Theory]
    [InlineData("/infill", """{"input_prefix":"x = ","n_predict":0}""", "content")]
    [InlineData("/completion", """{"prompt":"x = ","n_predict":0}""", "content")]
    [InlineData("/completion", """{"prompt":"x = ","max_tokens":0}""", "content")]
    [InlineData("/v1/completions", """{"prompt":"x = ","max_tokens":0}""", "choices.0.text")]
    [InlineData("/v1/fim/completions", """{"prompt":"x = ","max_tokens":0}""", "choices.0.message.content")]
    [InlineData("/api/generate", """{"prompt":"x = ","stream":false,"options":{"num_predict":0}}""", "response")]
    public async Task Zero_tokens_are_none(string path, string body, string field)
    {
        using var engine = new ScriptedEngine("text");
        await using RunningServe serve = await RunningServe.StartAsync((_, _) => engine);
        (int status, JsonElement answer) = await serve.PostAsync(path, JsonElement.Parse(body));
        foreach (string part in field.Split('.')) answer = int.TryParse(part, out int index) ? answer[index] : answer.GetProperty(part);
        Assert.Equal((200, ""), (status, answer.GetString()));
        Assert.Empty(engine.Requests);
    }

    [Fact]
    public async Task Wrong_keys_have_a_rate_and_above_it_no_key_is_looked_at()
    {
        var options = new ServeOptions { Keys = ApiKeys.Parse($"alice {Key}"), Rate = 3 };
        await using RunningServe serve = await RunningServe.StartAsync((_, _) => new ScriptedEngine("text"), options);
        var statuses = new List<int>();
        for (int i = 0; i < 200 && !statuses.Contains(429); i++) statuses.Add((await AskAsync($"{Key}{i}")).Status);
        Assert.True(statuses.Count(s => s == 401) >= 2 * options.Rate, $"{string.Join(' ', statuses)}");
        // Whether a guess is right cannot be told from the answers then.
        int[] mixed = [.. await Task.WhenAll(Enumerable.Range(0, 100).Select(async i => (await AskAsync(i == 50 ? Key : $"{Key}{i}")).Status))];
        Assert.Contains(429, mixed);
        while ((await AskAsync(Key)).Status == 429) await Task.Delay(50); // a second later it is good again

        Task<(int Status, JsonElement Body)> AskAsync(string key) => serve.PostAsync("/v1/completions", new { prompt = "x", max_tokens = 0 }, ("Authorization", $"Bearer {key}"));
    }

    [Fact]
    public async Task Metrics_may_have_an_address_of_their_own_without_a_key_and_vllm_names()
    {
        var options = new ServeOptions { Keys = ApiKeys.Parse($"alice {Key}"), MetricsListen = new IPEndPoint(IPAddress.Loopback, 0), HasVllmMetrics = true };
        await using RunningServe serve = await RunningServe.StartAsync((_, _) => new ScriptedEngine("text"), options);
        Assert.Equal(200, (await serve.PostAsync("/v1/completions", new { prompt = "x = ", suffix = "\n" }, ("X-Api-Key", Key))).Status);
        string text = await serve.Http.GetStringAsync(new Uri($"{serve.Addresses.Metrics}/metrics"));
        foreach (string name in new[] { "diffusion_lsp_requests_running 0", "diffusion_lsp_requests_waiting 0", "diffusion_lsp_kv_usage_ratio 0", "diffusion_lsp_queue_seconds_count 1", "diffusion_lsp_round_requests_count 0", "vllm:num_requests_running 0", "vllm:num_requests_waiting 0", "vllm:kv_cache_usage_perc 0" })
            Assert.Contains($"\n{name}\n", text);
        foreach (string path in new[] { "/props", "/v1/completions", "/health" }) Assert.Equal(HttpStatusCode.NotFound, (await serve.Http.GetAsync(new Uri(serve.Addresses.Metrics + path))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await serve.Http.GetAsync(new Uri("/metrics", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("rebound.example"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("10.1.2.3")); // a scraper that knows addresses only

        async Task<HttpStatusCode> StatusAsync(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{serve.Addresses.Metrics}/metrics") { Headers = { Host = host } };
            using HttpResponseMessage answer = await serve.Http.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task The_rows_and_rounds_of_a_decode_are_counted()
    {
        await using RunningServe serve = await RunningServe.StartAsync(InfillEngineAdapter.Load);
        JsonElement usage = (await serve.PostAsync("/v1/completions", new { prompt = "def add(a, b):\n    return ", suffix = "\n", diffusion = new { budget_ms = 60_000 } })).Body.GetProperty("usage");
        string text = await serve.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.True(Number("rows_total{kind=\"prompt\"}") >= usage.GetProperty("prompt_tokens").GetInt32() - 1);
        Assert.True(Number("rows_total{kind=\"step\"}") >= usage.GetProperty("completion_tokens").GetInt32());
        Assert.InRange(Number("round_requests_count"), 1, Number("forwards_total"));
        Assert.Equal(1, Number("queue_seconds_count"));

        double Number(string name) => text.Split('\n').Where(line => line.StartsWith($"diffusion_lsp_{name} ")).Select(line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture)).Single();
    }
}
