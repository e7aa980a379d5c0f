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
/// Where settings come in: with <c>initialize</c>, pushed by the client, or asked for. What the command line fixed stays
/// fixed. After each change the model is loaded as they say. It does not know what settings mean.
/// </summary>
internal sealed class SettingsIntake(
    JsonRpc client, ServerState state, ModelHost models, Func<ServerSettings, ServerSettings> fixedByCommandLine, Action<LogLevel> setLogLevel, Listeners listeners, ILogger log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private volatile bool isApplied;

    /// <summary>The values in <c>initializationOptions</c>; they are what later changes start from.</summary>
    public void TakeInitial(JsonElement? json)
    {
        state.BaseSettings = Read(json);
        state.Settings = state.BaseSettings;
        // A client that can be asked is asked once it is initialized; loading the wrong model first would waste seconds.
        if (!state.Client.Configuration) Apply();
        else _ = ApplyAnywayAsync();
    }

    /// <summary>Values that the client pushed; null: it wants to be asked.</summary>
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

    /// <summary>Asks the client for its values, and goes on with those in force if it does not answer.</summary>
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

    /// <summary>Asks the client to tell of changed settings, where it does not do so unasked.</summary>
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
            log.Warning("the client did not register for changes of settings ({Problem})", e.Message);
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

    /// <summary>For a client that never says "initialized", so that it cannot be asked.</summary>
    private async Task ApplyAnywayAsync()
    {
        await Task.Delay(2 * Patience).ConfigureAwait(false);
        if (!isApplied) Apply();
    }

    /// <summary>Where relative paths begin: the first workspace folder; null where there is none, and they begin where the server was started.</summary>
    private string? FirstFolder() => state.Roots
        .Select(root => Uri.TryCreate(root, UriKind.Absolute, out Uri? uri) && uri.IsFile ? uri.LocalPath : null).FirstOrDefault(path => Path.IsPathFullyQualified(path ?? ""));

    private void Apply()
    {
        isApplied = true;
        setLogLevel(state.Settings.LogLevel);
        // Who switched completions off needs no model; one that is loaded goes when it is idle.
        if (state.Settings.Enabled) models.Ensure(EngineOptionsOf(state.Settings), LimitsOf(state.Settings), state.Settings.Remote);
        else models.NoneWanted();
        listeners.Tell(new SettingsApplied());
    }

    private static ModelLimits LimitsOf(ServerSettings settings) => new(
        settings.IdleUnloadMinutes == 0 ? null : TimeSpan.FromMinutes(settings.IdleUnloadMinutes),
        settings.MemoryLimitMegabytes == 0 ? null : (long)settings.MemoryLimitMegabytes << 20);

    /// <summary>What the engine needs of the settings.</summary>
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

/// <summary>Settings have taken effect.</summary>
internal sealed record SettingsApplied : ServerEvent;
