using System.Text.Json;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>workspace/executeCommand</c>: looks the command up in a table.</summary>
internal sealed class ExecuteCommandHandler(params IReadOnlyList<IClientCommand> commands) : IRequestHandler<ExecuteCommandParams>
{
    public string Method => "workspace/executeCommand";

    /// <summary>The commands that <c>initialize</c> announces.</summary>
    public IReadOnlyList<string> Names { get; } = [.. commands.Select(command => command.Name)];

    public async Task<object?> HandleAsync(ExecuteCommandParams parameters, RequestContext context, CancellationToken cancellation)
    {
        IClientCommand command = commands.FirstOrDefault(c => c.Name == parameters.Command)
            ?? throw new InvalidParameters($"There is no command '{parameters.Command}'; the commands are {string.Join(", ", Names)}.");
        await command.RunAsync(parameters.Arguments ?? [], context, cancellation).ConfigureAwait(false);
        return null;
    }
}

/// <summary>One command that a client may send.</summary>
internal interface IClientCommand
{
    string Name { get; }

    /// <exception cref="JsonException">The arguments are invalid.</exception>
    Task RunAsync(IReadOnlyList<JsonElement> arguments, RequestContext context, CancellationToken cancellation);
}
