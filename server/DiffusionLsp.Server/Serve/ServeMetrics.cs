using System.Globalization;
using System.Text;
using DiffusionLsp.Engine;
using Prometheus;

namespace DiffusionLsp.Server.Serve;

/// <summary>The server's metrics as text for Prometheus. No label can contain a path, a key or code: endpoints and outcomes are this program's own words.</summary>
internal sealed class ServeMetrics
{
    private readonly CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly Gauge runningRequests, waitingRequests, usage, modelInfo;
    private readonly Counter requests, forwards, rows, promptTokens, cachedTokens, generatedTokens, joined;
    private readonly Histogram requestSeconds, queueSeconds, promptSeconds, decodeSeconds, roundRequests;

    private readonly bool likeVllm;
    private volatile int room; // sessions that the K/V cache has room for; 0: not known yet

    /// <param name="likeVllm">Whether the load is also reported under vLLM's metric names, which routers know.</param>
    public ServeMetrics(bool likeVllm = false)
    {
        this.likeVllm = likeVllm;
        MetricFactory make = Prometheus.Metrics.WithCustomRegistry(registry);
        var seconds = new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 15) };
        runningRequests = make.CreateGauge("diffusion_lsp_requests_running", "Decodes in progress; equal requests share one.");
        waitingRequests = make.CreateGauge("diffusion_lsp_requests_waiting", "Decodes waiting to start.");
        usage = make.CreateGauge("diffusion_lsp_kv_usage_ratio", "Sessions with a request in progress, as a share of those that the key/value cache has room for.");
        modelInfo = make.CreateGauge("diffusion_lsp_model_info", "1 for the loaded model.", "model", "device", "decoder");
        requests = make.CreateCounter("diffusion_lsp_requests_total", "Requests answered.", "endpoint", "outcome");
        forwards = make.CreateCounter("diffusion_lsp_forwards_total", "Forward passes.");
        rows = make.CreateCounter("diffusion_lsp_rows_total", "Rows of forward passes: fed only for their keys and values (prompt), or scored (step).", "kind");
        promptTokens = make.CreateCounter("diffusion_lsp_prompt_tokens_total", "Prompt tokens.");
        cachedTokens = make.CreateCounter("diffusion_lsp_cached_prompt_tokens_total", "Prompt tokens that were in the key/value cache.");
        generatedTokens = make.CreateCounter("diffusion_lsp_generated_tokens_total", "Tokens generated.");
        joined = make.CreateCounter("diffusion_lsp_joined_requests_total", "Requests that shared the decode of an equal one.");
        requestSeconds = make.CreateHistogram("diffusion_lsp_request_seconds", "Time from arrival to answer.", ["endpoint"], seconds);
        queueSeconds = make.CreateHistogram("diffusion_lsp_queue_seconds", "Time from a request's arrival at the engine to its admission.", seconds);
        promptSeconds = make.CreateHistogram("diffusion_lsp_prompt_seconds", "Time spent on forward passes over the prompt.", seconds);
        decodeSeconds = make.CreateHistogram("diffusion_lsp_decode_seconds", "Time spent on a request's denoising steps.", seconds);
        roundRequests = make.CreateHistogram("diffusion_lsp_round_requests", "Requests that a decoding round advanced by one forward pass.", new HistogramConfiguration { Buckets = [1, 2, 4, 8, 16, 32, 64] });
    }

    /// <summary>Counts a decoding round. On the decode thread.</summary>
    public void Round(DecodeRound round)
    {
        if (round.Requests > 0) roundRequests.Observe(round.Requests);
        rows.WithLabels("prompt").Inc(round.PromptRows);
        rows.WithLabels("step").Inc(round.StepRows);
        room = round.SessionRoom;
    }

    public void Joined() => joined.Inc();

    public void Decoded(InfillResult result)
    {
        forwards.Inc(result.Forwards);
        promptTokens.Inc(result.PromptTokens);
        cachedTokens.Inc(result.CachedPromptTokens);
        generatedTokens.Inc(result.Tokens);
        queueSeconds.Observe(result.Queued / 1000);
        promptSeconds.Observe(result.Timings.Prompt / 1000);
        decodeSeconds.Observe(result.Timings.Decode / 1000);
    }

    /// <param name="endpoint">Name of the endpoint, never the requested path.</param>
    /// <param name="outcome">A status, or "cancelled".</param>
    public void Answered(string endpoint, string outcome, TimeSpan elapsed)
    {
        requests.WithLabels(endpoint, outcome).Inc();
        requestSeconds.WithLabels(endpoint).Observe(elapsed.TotalSeconds);
    }

    public void Model(ModelSummary model, string decoder) => modelInfo.WithLabels(model.Name, model.Device, decoder).Set(1);

    /// <param name="now">Running decodes, and waiting ones.</param>
    public async Task WriteAsync(Stream output, (int Running, int Waiting) now, CancellationToken cancellation)
    {
        runningRequests.Set(now.Running);
        waitingRequests.Set(now.Waiting);
        usage.Set(room == 0 ? 0 : (double)now.Running / room);
        await registry.CollectAndExportAsTextAsync(output, cancellation).ConfigureAwait(false);
        if (!likeVllm) return;
        // The library rejects names with a colon.
        string text = string.Concat(VllmGauge("vllm:num_requests_running", now.Running), VllmGauge("vllm:num_requests_waiting", now.Waiting), VllmGauge("vllm:kv_cache_usage_perc", usage.Value));
        await output.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation).ConfigureAwait(false);
    }

    private static string VllmGauge(string name, double value) => string.Create(CultureInfo.InvariantCulture, $"# TYPE {name} gauge\n{name} {value}\n");
}
