using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog;
using StreamJsonRpc;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// Receives settings: in <c>initialize</c>, pushed by the client, or requested from it. Values from the command line take
/// precedence. After each change the model is reloaded if necessary. It does not know what the settings mean.
/// </summary>
internal sealed class SettingsIntake(
    JsonRpc client, ServerState state, ModelHost models, Func<ServerSettings, ServerSettings> fixedByCommandLine, Action<LogLevel> setLogLevel, Listeners listeners, ILogger log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private volatile bool isApplied;

    /// <summary>The values in <c>initializationOptions</c>; later changes are applied to them.</summary>
    public void TakeInitial(JsonElement? json)
    {
        state.BaseSettings = Read(json);
        state.Settings = state.BaseSettings;
        // A client that supports workspace/configuration is queried once it is initialized; loading the wrong model first would waste seconds.
        if (!state.Client.Configuration) Apply();
        else _ = ApplyAnywayAsync();
    }

    /// <summary>Values that the client pushed; null: it wants to be queried.</summary>
    public void TakePushed(JsonElement? json)
    {
        if (json is not { ValueKind: JsonValueKind.Object } && state.Client.Configuration)
        {
            _ = AskAsync();
            return;
        }
        state.Settings = Read(json);
        Apply();
    }

    /// <summary>Requests the client's values; without an answer, the current ones remain in force.</summary>
    public async Task AskAsync()
    {
        try
        {
            var sections = new ConfigurationParams([new ConfigurationItem(ServerSettings.Section)]);
            JsonElement answer = await client.InvokeWithParameterObjectAsync<JsonElement>("workspace/configuration", sections)
                .WaitAsync(Patience).ConfigureAwait(false);
            if (answer.ValueKind == JsonValueKind.Array && answer.GetArrayLength() > 0) state.Settings = Read(answer[0]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            log.Warning("the client did not answer workspace/configuration ({Problem})", e.Message);
        }
        Apply();
    }

    /// <summary>Registers for notifications of changed settings, if the client needs that.</summary>
    public async Task RegisterAsync()
    {
        try
        {
            const string method = "workspace/didChangeConfiguration";
            var registration = new Registration("diffusion-lsp-settings", method, new { section = ServerSettings.Section });
            await client.InvokeWithParameterObjectAsync("client/registerCapability", new RegistrationParams([registration])).WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            log.Warning("the client did not accept the registration for changed settings ({Problem})", e.Message);
        }
    }

    private ServerSettings Read(JsonElement? json)
    {
        var problems = new List<string>();
        ServerSettings settings = fixedByCommandLine(SettingsReader.From(FirstFolder(), SettingsReader.Read(json, state.BaseSettings, problems)));
        foreach (string problem in problems)
        {
            log.Warning("{Problem:l}", problem);
            _ = client.NotifyWithParameterObjectAsync("window/logMessage", new LogMessageParams(2, problem));
        }
        return settings;
    }

    /// <summary>For a client that never sends "initialized" and therefore cannot be queried.</summary>
    private async Task ApplyAnywayAsync()
    {
        await Task.Delay(2 * Patience).ConfigureAwait(false);
        if (!isApplied) Apply();
    }

    /// <summary>Base of relative paths: the first workspace folder; null: none, so they are relative to the server's working folder.</summary>
    private string? FirstFolder() => state.Roots
        .Select(root => Uri.TryCreate(root, UriKind.Absolute, out Uri? uri) && uri.IsFile ? uri.LocalPath : null).FirstOrDefault(path => Path.IsPathFullyQualified(path ?? ""));

    private void Apply()
    {
        isApplied = true;
        setLogLevel(state.Settings.LogLevel);
        // With completions off, no model is needed; a loaded one is unloaded once idle.
        if (state.Settings.Enabled) models.Ensure(EngineOptionsOf(state.Settings), LimitsOf(state.Settings), state.Settings.Remote);
        else models.NoneWanted();
        listeners.Tell(new SettingsApplied());
    }

    private static ModelLimits LimitsOf(ServerSettings settings) => new(
        settings.IdleUnloadMinutes == 0 ? null : TimeSpan.FromMinutes(settings.IdleUnloadMinutes),
        settings.MemoryLimitMegabytes == 0 ? null : (long)settings.MemoryLimitMegabytes << 20);

    /// <summary>The engine options in the settings.</summary>
    internal static EngineOptions EngineOptionsOf(ServerSettings settings) => new()
    {
        PromptTokens = settings.PromptTokens,
        ModelFolder = settings.ModelPath.Length == 0 ? null : settings.ModelPath,
        VerifierFolder = settings.VerifierPath.Length == 0 ? null : settings.VerifierPath,
        LibtorchFolder = settings.LibtorchPath.Length == 0 ? null : settings.LibtorchPath,
        Device = settings.Device.ToString().ToLowerInvariant(),
        Threads = settings.Threads,
        CudaGraphs = settings.CudaGraphs,
    };
}

/// <summary>New settings have taken effect.</summary>
internal sealed record SettingsApplied : ServerEvent;
