using DiffusionLsp.Engine;
using Prometheus;

namespace DiffusionLsp.Server.Serve;

/// <summary>Counts what the server does, as text for Prometheus. No label can hold a path, a key or code: endpoints and outcomes are words of this program.</summary>
internal sealed class ServeMetrics
{
    private readonly CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly Gauge runningRequests;
    private readonly Gauge modelInfo;
    private readonly Counter requests, forwards, promptTokens, cachedTokens, generatedTokens, joined;
    private readonly Histogram requestSeconds, promptSeconds, decodeSeconds;

    public ServeMetrics()
    {
        MetricFactory make = Prometheus.Metrics.WithCustomRegistry(registry);
        var seconds = new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 15) };
        runningRequests = make.CreateGauge("diffusion_lsp_requests_running", "Requests that are decoded or wait.");
        modelInfo = make.CreateGauge("diffusion_lsp_model_info", "1 for the model that is loaded.", "model", "device", "decoder");
        requests = make.CreateCounter("diffusion_lsp_requests_total", "Requests answered.", "endpoint", "outcome");
        forwards = make.CreateCounter("diffusion_lsp_forwards_total", "Forward passes.");
        promptTokens = make.CreateCounter("diffusion_lsp_prompt_tokens_total", "Tokens of prompts.");
        cachedTokens = make.CreateCounter("diffusion_lsp_cached_prompt_tokens_total", "Tokens of prompts that were in the key/value cache.");
        generatedTokens = make.CreateCounter("diffusion_lsp_generated_tokens_total", "Tokens written.");
        joined = make.CreateCounter("diffusion_lsp_joined_requests_total", "Requests that shared the decode of an equal one.");
        requestSeconds = make.CreateHistogram("diffusion_lsp_request_seconds", "From arrival to answer.", ["endpoint"], seconds);
        promptSeconds = make.CreateHistogram("diffusion_lsp_prompt_seconds", "Forward passes over prompts.", seconds);
        decodeSeconds = make.CreateHistogram("diffusion_lsp_decode_seconds", "Denoising steps of a request.", seconds);
    }

    public void Joined() => joined.Inc();

    public void Decoded(InfillResult result)
    {
        forwards.Inc(result.Forwards);
        promptTokens.Inc(result.PromptTokens);
        cachedTokens.Inc(result.CachedPromptTokens);
        generatedTokens.Inc(result.Tokens);
        promptSeconds.Observe(result.Timings.Prompt / 1000);
        decodeSeconds.Observe(result.Timings.Decode / 1000);
    }

    /// <param name="endpoint">Its name, never the path that was asked for.</param>
    /// <param name="outcome">A status, or "cancelled".</param>
    public void Answered(string endpoint, string outcome, TimeSpan elapsed)
    {
        requests.WithLabels(endpoint, outcome).Inc();
        requestSeconds.WithLabels(endpoint).Observe(elapsed.TotalSeconds);
    }

    public void Model(ModelSummary model, string decoder) => modelInfo.WithLabels(model.Name, model.Device, decoder).Set(1);

    /// <param name="pending">Requests under way now.</param>
    public async Task WriteAsync(Stream output, int pending, CancellationToken cancellation)
    {
        runningRequests.Set(pending);
        await registry.CollectAndExportAsTextAsync(output, cancellation).ConfigureAwait(false);
    }
}
