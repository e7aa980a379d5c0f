using System.Text.Json;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>workspace/executeCommand</c>: the table of commands that clients may send.</summary>
internal sealed class ExecuteCommandHandler(SuggestionTracker tracker) : IRequestHandler<ExecuteCommandParams>
{
    /// <summary>Ghost text was accepted; the argument is the number that came with it.</summary>
    public const string Accepted = "diffusion.accepted";

    public static IReadOnlyList<string> Commands { get; } = [Accepted];

    public string Method => "workspace/executeCommand";

    public Task<object?> HandleAsync(ExecuteCommandParams parameters, RequestContext context, CancellationToken cancellation)
    {
        if (parameters.Command != Accepted) throw new JsonException($"There is no command '{parameters.Command}'; there is {string.Join(", ", Commands)}.");
        if (parameters.Arguments is not [{ ValueKind: JsonValueKind.Number } first, ..] || !first.TryGetInt32(out int number))
            throw new JsonException($"{Accepted} needs the number of the suggestion.");
        tracker.Accepted(number);
        return Task.FromResult<object?>(null);
    }
}
