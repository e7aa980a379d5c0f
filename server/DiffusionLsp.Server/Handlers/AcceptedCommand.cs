using System.Text.Json;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>diffusion.accepted</c>: ghost text was accepted; the argument is its number.</summary>
internal sealed class AcceptedCommand(SuggestionTracker tracker) : IClientCommand
{
    public const string CommandName = "diffusion.accepted";

    public string Name => CommandName;

    public Task RunAsync(IReadOnlyList<JsonElement> arguments, RequestContext context, CancellationToken cancellation)
    {
        if (arguments is not [{ ValueKind: JsonValueKind.Number } first, ..] || !first.TryGetInt32(out int number))
            throw new InvalidParameters($"{CommandName} needs the suggestion's number as its argument.");
        tracker.Accepted(number);
        return Task.CompletedTask;
    }
}
