using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>$/diffusion/doctor</c>: the checks of the subcommand <c>doctor</c>, for the model that this server runs.</summary>
/// <param name="diagnose">Runs all checks, given the current options and the server's engine, if it has one.</param>
internal sealed class DoctorHandler(ModelHost models, Diagnose diagnose) : IRequestHandler<NoParams>
{
    public string Method => "$/diffusion/doctor";

    public Task<object?> HandleAsync(NoParams parameters, RequestContext context, CancellationToken cancellation) => Task.Run<object?>(async () =>
    {
        // Waits for an engine that is loading or was unloaded when idle; none is loaded just for this check.
        using EngineLease? lease = context.Settings.Enabled ? await models.AcquireAsync(cancellation).ConfigureAwait(false) : models.TryAcquire();
        (bool healthy, string report) = diagnose(SettingsIntake.EngineOptionsOf(context.Settings), lease?.Engine);
        string why = context.Settings.Enabled ? models.Status.Message : "Completions are turned off, so no model is loaded (setting diffusionLsp.enabled).";
        return new DoctorResult(healthy, lease is null ? $"{report}\n{why}" : report);
    }, cancellation);
}

/// <summary>Checks everything that a completion needs, and reports it line by line.</summary>
internal delegate (bool Healthy, string Report) Diagnose(Engine.EngineOptions options, ICompletionEngine? engine);
