using System.Text.Json;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>workspace/executeCommand</c>: finds the command in the table that it is given.</summary>
internal sealed class ExecuteCommandHandler(params IReadOnlyList<IClientCommand> commands) : IRequestHandler<ExecuteCommandParams>
{
    public string Method => "workspace/executeCommand";

    /// <summary>What <c>initialize</c> tells clients.</summary>
    public IReadOnlyList<string> Names { get; } = [.. commands.Select(command => command.Name)];

    public async Task<object?> HandleAsync(ExecuteCommandParams parameters, RequestContext context, CancellationToken cancellation)
    {
        IClientCommand command = commands.FirstOrDefault(c => c.Name == parameters.Command)
            ?? throw new InvalidParameters($"There is no command '{parameters.Command}'; there is {string.Join(", ", Names)}.");
        await command.RunAsync(parameters.Arguments ?? [], context, cancellation).ConfigureAwait(false);
        return null;
    }
}

/// <summary>One command that a client may send.</summary>
internal interface IClientCommand
{
    string Name { get; }

    /// <exception cref="JsonException">The arguments do not fit.</exception>
    Task RunAsync(IReadOnlyList<JsonElement> arguments, RequestContext context, CancellationToken cancellation);
}
