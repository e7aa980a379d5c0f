using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Handlers;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Protocol;
using DiffusionLsp.Server.Settings;
using DiffusionLsp.Server.Telemetry;
using Serilog;
using StreamJsonRpc;

namespace DiffusionLsp.Server;

/// <summary>
/// Composes the language server: every service and handler is wired here by hand. One instance serves one client over two
/// streams. It knows nothing of stdio, sockets or pipes.
/// </summary>
internal sealed class ServerHost(ServerHostOptions options)
{
    /// <summary>Time for pending answers when the server ends.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Serves until the client exits, disappears or violates the protocol. Returns the process's exit code.</summary>
    /// <param name="interruption">Cancelled when the process is asked to end.</param>
    public async Task<int> RunAsync(Stream input, Stream output, CancellationToken interruption = default)
    {
        ILogger log = options.Log;
        using var stopping = new CancellationTokenSource();
        using CancellationTokenRegistration registration = interruption.Register(() => ended.TrySetResult(1));
        var listeners = new Listeners(log);
        options.Listen(listeners);
        // Declared before the connection, so disposed after it: closing the connection cancels running decodes.
        using var models = new ModelHost(options.Load, listeners, log, options.Time);
        using JsonRpcConnection connection = JsonRpcConnection.Over(input, output, options.MaxMessageBytes, line => log.Warning("{Line:l}", line));
        var state = new ServerState(options.Overrides(new ServerSettings()), listeners);
        var postResponse = new PostResponseQueue(log);
        var learner = new AcceptanceLearner(options.Metrics.Acceptance, () => models.Status.Model?.Name, listeners, postResponse, log);
        var session = new CompletionSession(models, state.Documents, listeners, options.Time, log) { Learned = learner.Of };
        using var context = new ContextService(state.Documents, () => models.Status.Model, () => IndexBuilder(models), options.Time, log);
        var settings = new SettingsIntake(connection, state, models, options.Overrides, options.SetLogLevel, listeners, log);
        var lost = new LostEdits(connection, log);
        var usage = new UsageRecorder(state.Documents, options.Metrics, listeners, options.Time, postResponse, log);
        using var status = new StatusReporter(connection, state, models, postResponse, listeners, options.Time);
        var refill = new RefillSession(models, listeners, log);
        var commands = new ExecuteCommandHandler(new AcceptedCommand(usage.Tracker), new RefillCommand(refill, context, state.Documents, connection, options.Time, log));
        connection.Lost += new LostMessages(state.Documents, lost).Take;
        connection.Answered += (id, timestamp) => Answered(id, timestamp, listeners, postResponse);
        listeners.On<DocumentChange>(change => Follow(change, state, models, context));
        Learn(listeners, session, context, postResponse, log);

        new MethodTable(connection, state, _ => ended.TrySetResult(1), log)
            // lifecycle
            .Add(new InitializeHandler(state, settings, commands.Names, process => Watch(process, stopping.Token), log))
            .Add(new InitializedHandler(state, settings, status))
            .Add(new ShutdownHandler(state))
            .Add(new ExitHandler(state, code => ended.TrySetResult(code)))
            .Add(new SetTraceHandler(state))
            .Add(new DidChangeConfigurationHandler(settings))
            .Add(new DidChangeWorkspaceFoldersHandler(state))
            // documents
            .Add(new DidOpenHandler(state, lost))
            .Add(new DidChangeHandler(state.Documents, lost, log))
            .Add(new DidCloseHandler(state.Documents, log))
            .Add(new DidFocusHandler(models))
            .Add(new TextHandler())
            // completions
            .Add(new InlineCompletionHandler(session, context))
            .Add(new CompletionHandler(session, context))
            // edits
            .Add(new CodeActionHandler(context))
            .Add(new InfillHandler(refill, context, state.Documents))
            .Add(commands)
            // diagnostics
            .Add(new TraceHandler(models, context, log))
            .Add(new DoctorHandler(models, options.Diagnose));

        WatchClient(connection, state, stopping.Token);
        connection.StartListening();
        int code = await EndAsync(connection, state, log).ConfigureAwait(false);
        options.Ending(code);
        await stopping.CancelAsync().ConfigureAwait(false);
        await FinishAsync(connection, postResponse).ConfigureAwait(false);
        return code;
    }

    private static WorkspaceIndex.Builder? IndexBuilder(ModelHost models)
    {
        using EngineLease? lease = models.TryAcquire();
        return lease?.Engine.IndexBuilder();
    }

    private static void Answered(RequestId id, long timestamp, Listeners listeners, PostResponseQueue postResponse)
    {
        listeners.Tell(new AnswerSent(id, timestamp));
        postResponse.Run();
    }

    /// <summary>Registers what the session learns from, and what a finished completion still has to do after its answer was sent. Prefetches are never answered.</summary>
    private static void Learn(Listeners listeners, CompletionSession session, ContextService context, PostResponseQueue postResponse, ILogger log)
    {
        listeners.On<SuggestionEnded>(ended => session.Debounce.NoteOutcome(ended.Outcome));
        context.ExclusionsChanged += session.Forget;
        listeners.On<ModelStatus>(model => { if (model.State == ModelState.Loading) session.Forget(); });
        listeners.On<FinishedCompletion>(finished =>
        {
            postResponse.Enqueue(() =>
            {
                log.Information("{Completion:l}", finished.Line);
                session.LookAhead(finished);
            });
            if (finished.Request.Source == CompletionSource.Prefetch) postResponse.Run();
        });
    }

    /// <summary>An edit announces completion requests: the model is kept loaded, and exclusions are looked up when a document is opened.</summary>
    private static void Follow(DocumentChange change, ServerState state, ModelHost models, ContextService context)
    {
        models.Touch();
        context.Follow(change, state.Roots);
    }

    /// <summary>Registers every sign that the client has gone, apart from the end of the input.</summary>
    private void WatchClient(JsonRpcConnection connection, ServerState state, CancellationToken stopping)
    {
        if (options.ClientProcessId is { } editor) Watch(editor, stopping);
        connection.OutputLost += () => OutputLost(state);
        _ = options.OutputClosed.ContinueWith(_ => OutputLost(state), stopping, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static async Task FinishAsync(JsonRpcConnection connection, PostResponseQueue postResponse)
    {
        postResponse.Finish();
        await connection.DrainAsync(LastPatience).ConfigureAwait(false);
    }

    private void Watch(int processId, CancellationToken stopping)
    {
        if (!ClientWatch.CanSee(processId))
        {
            options.Log.Information("the client process {Process} is not visible to this process and is not watched", processId);
            return;
        }
        _ = ClientWatch.WatchAsync(processId, options.Time, () =>
        {
            options.Log.Warning("the client process {Process} has ended", processId);
            ended.TrySetResult(1);
        }, stopping);
    }

    /// <summary>The client has stopped reading, which ends the server even if the client still writes.</summary>
    private void OutputLost(ServerState state)
    {
        if (ended.TrySetResult(state.Phase == ServerPhase.ShutDown ? 0 : 1)) options.Log.Information("the client has stopped reading");
    }

    private async Task<int> EndAsync(JsonRpcConnection connection, ServerState state, ILogger log)
    {
        await Task.WhenAny(ended.Task, connection.Completion).ConfigureAwait(false);
        if (ended.Task.IsCompleted) return await ended.Task.ConfigureAwait(false);
        if (connection.Completion.IsFaulted) log.Error("the connection ended: {Problem}", connection.Completion.Exception!.InnerException!.Message);
        else log.Information("the client closed the connection");
        return state.Phase == ServerPhase.ShutDown ? 0 : 1;
    }
}

/// <summary>Everything a server needs to run.</summary>
internal sealed record ServerHostOptions
{
    /// <summary>Creates the engine; tests substitute a scripted one.</summary>
    public LoadEngine Load { get; init; } = InfillEngineAdapter.Load;

    /// <summary>Applies the command line's values over the client's settings.</summary>
    public Func<ServerSettings, ServerSettings> Overrides { get; init; } = settings => settings;

    /// <summary>Implements <c>$/diffusion/doctor</c>.</summary>
    public Diagnose Diagnose { get; init; } = (_, _) => (true, "There is nothing to check here.");

    /// <summary>Where suggestions and acceptances are counted.</summary>
    public MetricsFolder Metrics { get; init; } = MetricsFolder.Default;

    /// <summary>Registers listeners before the server's own.</summary>
    public Action<Listeners> Listen { get; init; } = _ => { };

    public Action<LogLevel> SetLogLevel { get; init; } = _ => { };

    public required ILogger Log { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public int MaxMessageBytes { get; init; } = LimitedMessageHandler.DefaultMaxBytes;

    /// <summary>Completes when the client has closed the output, if the system can detect that.</summary>
    public Task OutputClosed { get; init; } = Task.Delay(Timeout.Infinite);

    /// <summary>Called with the exit code once it is known; everything of value has been written by then.</summary>
    public Action<int> Ending { get; init; } = _ => { };

    /// <summary>The editor's process, as named on the command line.</summary>
    public int? ClientProcessId { get; init; }
}
