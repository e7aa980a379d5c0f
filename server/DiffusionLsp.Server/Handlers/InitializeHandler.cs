using System.Collections.Immutable;
using System.Text.Json;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;
using Serilog;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>initialize</c>: records the client's capabilities and announces the server's.</summary>
internal sealed class InitializeHandler(ServerState state, SettingsIntake settings, IReadOnlyList<string> commands, Action<int> watchClient, ILogger log) : IRequestHandler<InitializeParams>
{
    public string Method => "initialize";

    public Task<object?> HandleAsync(InitializeParams parameters, RequestContext context, CancellationToken cancellation)
    {
        state.Client = ClientFeatures.From(parameters.Capabilities);
        state.Trace = SetTraceHandler.Level(parameters.Trace);
        state.Roots = parameters.WorkspaceFolders is { Count: > 0 } folders
            ? [.. folders.Select(f => f.Uri)]
            : parameters.RootUri is { } root ? ImmutableArray.Create(root) : [];
        log.Information("client {Name} {Version}, {Features}", parameters.ClientInfo?.Name ?? "(unnamed)", parameters.ClientInfo?.Version ?? "", state.Client);
        settings.TakeInitial(parameters.InitializationOptions);
        state.Phase = ServerPhase.Running; // last: a client whose initialize failed may try again
        if (parameters.ProcessId is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int process)) watchClient(process);
        return Task.FromResult<object?>(new InitializeResult(Capabilities(), new ServerInfo("diffusion-lsp", ServerVersion.Text)));
    }

    private ServerCapabilities Capabilities() => new(
        PositionEncoding: ColumnUnits.Name(state.Client.Encoding),
        TextDocumentSync: new TextDocumentSyncOptions(OpenClose: true, Change: 2),
        InlineCompletionProvider: true,
        CompletionProvider: new CompletionOptions(ResolveProvider: false),
        CodeActionProvider: new CodeActionOptions([CodeActionHandler.Kind]),
        ExecuteCommandProvider: new ExecuteCommandOptions(commands),
        Workspace: new WorkspaceCapabilities(new WorkspaceFoldersOptions(Supported: true, ChangeNotifications: true)));
}
