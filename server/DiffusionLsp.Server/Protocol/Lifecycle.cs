using System.Text.Json;

namespace DiffusionLsp.Server.Protocol;

/// <summary>The parameters of <c>initialize</c>. Capabilities stay JSON, because only a few of them are read.</summary>
/// <param name="ProcessId">Also JSON, so that an invalid process id does not fail the initialisation.</param>
internal sealed record InitializeParams(
    JsonElement? ProcessId = null,
    ClientInfo? ClientInfo = null,
    string? RootUri = null,
    JsonElement? InitializationOptions = null,
    JsonElement? Capabilities = null,
    IReadOnlyList<WorkspaceFolder>? WorkspaceFolders = null,
    string? Trace = null);

/// <summary>Name and version of the editor.</summary>
internal sealed record ClientInfo(string? Name = null, string? Version = null);

/// <summary>A folder open in the editor.</summary>
internal sealed record WorkspaceFolder(string Uri, string? Name = null);

/// <summary><c>workspace/didChangeWorkspaceFolders</c>.</summary>
internal sealed record DidChangeWorkspaceFoldersParams(WorkspaceFoldersChange Event);

/// <summary>Folders that were opened and closed.</summary>
internal sealed record WorkspaceFoldersChange(IReadOnlyList<WorkspaceFolder>? Added = null, IReadOnlyList<WorkspaceFolder>? Removed = null);

/// <summary>The answer to <c>initialize</c>.</summary>
internal sealed record InitializeResult(ServerCapabilities Capabilities, ServerInfo ServerInfo);

/// <summary>Name and version of this server.</summary>
internal sealed record ServerInfo(string Name, string Version);

/// <summary>The capabilities of this server.</summary>
internal sealed record ServerCapabilities(
    string PositionEncoding, TextDocumentSyncOptions TextDocumentSync, bool InlineCompletionProvider, CompletionOptions CompletionProvider,
    CodeActionOptions CodeActionProvider, ExecuteCommandOptions ExecuteCommandProvider, WorkspaceCapabilities Workspace);

/// <summary>The server's capabilities concerning the workspace.</summary>
internal sealed record WorkspaceCapabilities(WorkspaceFoldersOptions WorkspaceFolders);

/// <param name="Supported">Whether several folders are supported.</param>
/// <param name="ChangeNotifications">Whether the client should report added and removed folders.</param>
internal sealed record WorkspaceFoldersOptions(bool Supported, bool ChangeNotifications);

/// <summary>The commands that <c>workspace/executeCommand</c> accepts.</summary>
internal sealed record ExecuteCommandOptions(IReadOnlyList<string> Commands);

/// <param name="OpenClose">Whether open and close notifications are wanted.</param>
/// <param name="Change">2: incremental.</param>
internal sealed record TextDocumentSyncOptions(bool OpenClose, int Change);

/// <summary>Options for completion lists.</summary>
internal sealed record CompletionOptions(bool ResolveProvider);

/// <summary>A message without parameters, or with parameters that are ignored.</summary>
internal sealed record NoParams;

/// <summary><c>$/setTrace</c>: "off", "messages" or "verbose".</summary>
internal sealed record SetTraceParams(string Value);

/// <summary><c>$/logTrace</c>.</summary>
internal sealed record LogTraceParams(string Message);

/// <summary><c>workspace/didChangeConfiguration</c>. Settings are null if the client expects the server to request them.</summary>
internal sealed record DidChangeConfigurationParams(JsonElement? Settings = null);

/// <summary><c>workspace/configuration</c>, sent by the server.</summary>
internal sealed record ConfigurationParams(IReadOnlyList<ConfigurationItem> Items);

/// <summary>A requested section.</summary>
internal sealed record ConfigurationItem(string Section);

/// <summary><c>client/registerCapability</c>, sent by the server.</summary>
internal sealed record RegistrationParams(IReadOnlyList<Registration> Registrations);

/// <summary>A method that the client is asked to send.</summary>
internal sealed record Registration(string Id, string Method, object? RegisterOptions = null);
