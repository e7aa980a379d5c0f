using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>$/diffusion/doctor</c>: what the verb <c>doctor</c> finds, about the model that this server runs.</summary>
/// <param name="diagnose">Looks at everything; given the options in force, and the engine if one is loaded.</param>
internal sealed class DoctorHandler(ModelHost models, Diagnose diagnose) : IRequestHandler<NoParams>
{
    public string Method => "$/diffusion/doctor";

    public Task<object?> HandleAsync(NoParams parameters, RequestContext context, CancellationToken cancellation) => Task.Run<object?>(() =>
    {
        using ModelHost.Lease lease = models.Use();
        (bool healthy, string report) = diagnose(SettingsIntake.EngineOptionsOf(context.Settings), models.Loaded);
        return new DoctorResult(healthy, report);
    }, cancellation);
}

/// <summary>Looks at everything that a completion needs, and reports it line by line.</summary>
internal delegate (bool Healthy, string Report) Diagnose(Engine.EngineOptions options, ICompletionEngine? engine);
