using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary><c>initialized</c>: from now on the server may send messages on its own.</summary>
internal sealed class InitializedHandler(ServerState state, SettingsIntake settings, StatusReporter status) : INotificationHandler<NoParams>
{
    public string Method => "initialized";

    public void Handle(NoParams parameters)
    {
        status.Open();
        if (state.Client.ConfigurationChanges) _ = settings.RegisterAsync();
        if (state.Client.Configuration) _ = settings.AskAsync();
    }
}

/// <summary><c>shutdown</c>: from now on everything but <c>exit</c> is rejected.</summary>
internal sealed class ShutdownHandler(ServerState state) : IRequestHandler<NoParams>
{
    public string Method => "shutdown";

    public Task<object?> HandleAsync(NoParams parameters, RequestContext context, CancellationToken cancellation)
    {
        state.Phase = ServerPhase.ShutDown;
        return Task.FromResult<object?>(null);
    }
}

/// <summary><c>exit</c>: ends the server, with code 0 only after <c>shutdown</c>.</summary>
internal sealed class ExitHandler(ServerState state, Action<int> end) : INotificationHandler<NoParams>
{
    public string Method => "exit";

    public void Handle(NoParams parameters) => end(state.Phase == ServerPhase.ShutDown ? 0 : 1);
}

/// <summary><c>$/setTrace</c>: whether the client wants a trace line for each completion.</summary>
internal sealed class SetTraceHandler(ServerState state) : INotificationHandler<SetTraceParams>
{
    public string Method => "$/setTrace";

    public void Handle(SetTraceParams parameters) => state.Trace = Level(parameters.Value);

    /// <summary>LSP's values; an unknown one means "off".</summary>
    public static ClientTrace Level(string? word) => word switch
    {
        "messages" => ClientTrace.Messages,
        "verbose" => ClientTrace.Verbose,
        _ => ClientTrace.Off,
    };
}

/// <summary><c>workspace/didChangeConfiguration</c>.</summary>
internal sealed class DidChangeConfigurationHandler(SettingsIntake settings) : INotificationHandler<DidChangeConfigurationParams>
{
    public string Method => "workspace/didChangeConfiguration";

    public void Handle(DidChangeConfigurationParams parameters) => settings.TakePushed(parameters.Settings);
}

/// <summary><c>workspace/didChangeWorkspaceFolders</c>: ignore files of added folders apply from now on; those of removed folders no longer do.</summary>
internal sealed class DidChangeWorkspaceFoldersHandler(ServerState state) : INotificationHandler<DidChangeWorkspaceFoldersParams>
{
    public string Method => "workspace/didChangeWorkspaceFolders";

    public void Handle(DidChangeWorkspaceFoldersParams parameters)
    {
        HashSet<string> removed = [.. Names(parameters.Event.Removed), .. Names(parameters.Event.Added)];
        state.Roots = [.. state.Roots.Where(root => !removed.Contains(NameOf(root))), .. (parameters.Event.Added ?? []).Select(folder => folder.Uri)];
    }

    private static IEnumerable<string> Names(IReadOnlyList<WorkspaceFolder>? folders) => (folders ?? []).Select(folder => NameOf(folder.Uri));

    private static string NameOf(string uri) => DocumentUri.Parse(uri).ToString().TrimEnd('/');
}
