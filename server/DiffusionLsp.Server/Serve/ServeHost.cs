using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Serve;

/// <summary>Composes <c>serve</c>: creates and connects every service. It knows no client.</summary>
internal sealed class ServeHost(ServeOptions options, EngineOptions engine, DecodeOptions decode, ILogger log)
{
    /// <summary>Creates the engine; tests replace it with a scripted one.</summary>
    public LoadEngine Load { get; init; } = InfillEngineAdapter.Load;

    /// <summary>Called with the addresses once connections are accepted.</summary>
    public Action<ListeningAddresses> Listening { get; init; } = _ => { };

    /// <summary>Serves until interrupted, then drains.</summary>
    /// <exception cref="UserException">The server cannot listen.</exception>
    public async Task RunAsync(CancellationToken interruption)
    {
        var listeners = new Listeners(log);
        var metrics = new ServeMetrics(options.HasVllmMetrics);
        listeners.On<ModelStatus>(status =>
        {
            if (status is { State: ModelState.Ready, Model: { } model }) metrics.Model(model, decode.Decoder);
        });
        using var models = new ModelHost(Load, listeners, log);
        models.Ensure(engine with { Rounds = metrics.Round }, new ModelLimits());
        var filler = new HoleFiller(models, decode, options.Limits, metrics, TimeProvider.System, log);
        using var guard = new RequestGuard(options);
        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        ServedModel Served() => new(models.Status.Model, decode.Decoder, options.Limits.ToldContext, options.Limits.MostWaiting, started);
        var endpoints = new ServeEndpoints(guard, filler, models, metrics, Served, TimeProvider.System, log);
        await ServeApp.RunAsync(options, endpoints, addresses =>
        {
            log.Information("listening on {Address:l}", addresses.Main);
            if (addresses.Metrics is not null) log.Information("metrics on {Address:l}", addresses.Metrics);
            Listening(addresses);
        }, interruption).ConfigureAwait(false);
        log.Information("the server has drained and is exiting");
    }
}
