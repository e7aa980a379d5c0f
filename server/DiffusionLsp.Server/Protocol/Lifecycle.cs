using System.Text.Json;

namespace DiffusionLsp.Server.Protocol;

/// <summary>What a client sends with <c>initialize</c>. Its capabilities stay JSON: only a few places of them are read.</summary>
/// <param name="ProcessId">JSON too, because a number that is no process must not keep an editor out.</param>
internal sealed record InitializeParams(
    JsonElement? ProcessId = null,
    ClientInfo? ClientInfo = null,
    string? RootUri = null,
    JsonElement? InitializationOptions = null,
    JsonElement? Capabilities = null,
    IReadOnlyList<WorkspaceFolder>? WorkspaceFolders = null,
    string? Trace = null);

/// <summary>Which editor it is.</summary>
internal sealed record ClientInfo(string? Name = null, string? Version = null);

/// <summary>A folder that is open in the editor.</summary>
internal sealed record WorkspaceFolder(string Uri, string? Name = null);

/// <summary><c>workspace/didChangeWorkspaceFolders</c>.</summary>
internal sealed record DidChangeWorkspaceFoldersParams(WorkspaceFoldersChange Event);

/// <summary>Folders that were opened and closed.</summary>
internal sealed record WorkspaceFoldersChange(IReadOnlyList<WorkspaceFolder>? Added = null, IReadOnlyList<WorkspaceFolder>? Removed = null);

/// <summary>The answer to <c>initialize</c>.</summary>
internal sealed record InitializeResult(ServerCapabilities Capabilities, ServerInfo ServerInfo);

/// <summary>What this server is.</summary>
internal sealed record ServerInfo(string Name, string Version);

/// <summary>What this server can do.</summary>
internal sealed record ServerCapabilities(
    string PositionEncoding, TextDocumentSyncOptions TextDocumentSync, bool InlineCompletionProvider, CompletionOptions CompletionProvider,
    CodeActionOptions CodeActionProvider, ExecuteCommandOptions ExecuteCommandProvider, WorkspaceCapabilities Workspace);

/// <summary>What this server takes in about the workspace.</summary>
internal sealed record WorkspaceCapabilities(WorkspaceFoldersOptions WorkspaceFolders);

/// <param name="Supported">Whether more than one folder is understood.</param>
/// <param name="ChangeNotifications">Whether the client is to tell when folders are added or removed.</param>
internal sealed record WorkspaceFoldersOptions(bool Supported, bool ChangeNotifications);

/// <summary>The commands that <c>workspace/executeCommand</c> takes.</summary>
internal sealed record ExecuteCommandOptions(IReadOnlyList<string> Commands);

/// <param name="OpenClose">Whether open and close notifications are wanted.</param>
/// <param name="Change">2: incremental.</param>
internal sealed record TextDocumentSyncOptions(bool OpenClose, int Change);

/// <summary>How completion lists are served.</summary>
internal sealed record CompletionOptions(bool ResolveProvider);

/// <summary>A message without parameters, or with ones that do not matter.</summary>
internal sealed record NoParams;

/// <summary><c>$/setTrace</c>: "off", "messages" or "verbose".</summary>
internal sealed record SetTraceParams(string Value);

/// <summary><c>$/logTrace</c>.</summary>
internal sealed record LogTraceParams(string Message);

/// <summary><c>workspace/didChangeConfiguration</c>. Settings are null when the client wants to be asked for them.</summary>
internal sealed record DidChangeConfigurationParams(JsonElement? Settings = null);

/// <summary><c>workspace/configuration</c>, which the server sends.</summary>
internal sealed record ConfigurationParams(IReadOnlyList<ConfigurationItem> Items);

/// <summary>One section that is asked for.</summary>
internal sealed record ConfigurationItem(string Section);

/// <summary><c>client/registerCapability</c>, which the server sends.</summary>
internal sealed record RegistrationParams(IReadOnlyList<Registration> Registrations);

/// <summary>One method that the client is to send.</summary>
internal sealed record Registration(string Id, string Method, object? RegisterOptions = null);
