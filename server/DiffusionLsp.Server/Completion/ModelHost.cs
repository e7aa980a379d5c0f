using DiffusionLsp.Engine;
using DiffusionLsp.Server.Remote;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Owns the only engine and leases it: loads it in the background, replaces it when its options change, unloads it after a long
/// idle time, and reports its state. No engine is disposed while it is leased. A model that fails to load is a state, not a
/// crash. It knows nothing of requests or editors.
/// </summary>
internal sealed class ModelHost : IDisposable
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2); // between checks of the folder of a model that failed
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10); // between attempts with an unchanged folder
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2); // most decodes end sooner, and two models may not fit at once
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(60); // the user counts as away after this long without activity: not every editor reports focus

    private readonly LoadEngine load;
    private readonly Listeners listeners;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly ITimer idle;
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ensured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Wish? wish;
    private ModelLimits limits = new();
    private Task<SharedEngine?> loading = Task.FromResult<SharedEngine?>(null);
    private Failure? failure; // of the last attempt
    private long lastTouch;
    private bool disposed;

    public ModelHost(LoadEngine load, Listeners listeners, ILogger log, TimeProvider? time = null)
    {
        (this.load, this.listeners, this.log, this.time) = (load, listeners, log, time ?? TimeProvider.System);
        // A one-shot timer, restarted by each use: nothing ticks while the user is idle.
        idle = this.time.CreateTimer(_ => UnloadIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The current state. Every change is reported, on any thread.</summary>
    public ModelStatus Status { get; private set; } = new(ModelState.Starting, "The server has started.", null);

    /// <summary>A lease on the engine if it is loaded; else null.</summary>
    public EngineLease? TryAcquire()
    {
        lock (gate) return loading.IsCompletedSuccessfully ? loading.Result?.TryEnter() : null;
    }

    /// <summary>A lease on the engine once it is loaded; null: it could not be loaded.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while it was being loaded.</exception>
    public async Task<EngineLease?> AcquireAsync(CancellationToken cancellation)
    {
        await ensured.Task.WaitAsync(cancellation).ConfigureAwait(false);
        Touch();
        while (true)
        {
            Task<SharedEngine?> current;
            lock (gate)
            {
                current = loading;
                if (current.IsCompletedSuccessfully) return current.Result?.TryEnter();
            }
            await current.WaitAsync(cancellation).ConfigureAwait(false); // by then another load may have started
        }
    }

    /// <summary>Starts loading, unless these options are loaded or being loaded already.</summary>
    /// <param name="remote">A remote engine that answers instead as long as it can; null: none.</param>
    public void Ensure(EngineOptions options, ModelLimits? limit = null, RemoteOptions? remote = null)
    {
        lock (gate)
        {
            var wanted = new Wish(options, remote is { IsOn: true } ? remote : null);
            bool isSame = wanted == wish && (limit is null || limit.MemoryBytes == limits.MemoryBytes);
            limits = limit ?? limits;
            if (disposed) return;
            ArmIdle();
            if (isSame) return;
            wish = wanted;
            Then(previous => ReplaceAsync(previous, wanted, limits));
            ensured.TrySetResult();
        }
    }

    /// <summary>No model is needed: waiting requests get none, unless one is already loaded.</summary>
    public void NoneWanted() => ensured.TrySetResult();

    /// <summary>
    /// Records activity in the editor: loads a model that was unloaded, keeps a loaded one from being unloaded, and retries one that
    /// failed if its folder has changed since.
    /// </summary>
    public void Touch() => Touch(returned: false);

    /// <summary>Records that the user has returned to the editor: as <see cref="Touch()"/>, but always retries a model that failed.</summary>
    public void Focus() => Touch(returned: true);

    private void Touch(bool returned)
    {
        lock (gate)
        {
            if (disposed) return;
            ArmIdle();
            returned |= lastTouch != 0 && time.GetElapsedTime(lastTouch) >= Away;
            lastTouch = time.GetTimestamp();
            if (wish is not { } wanted) return;
            if (failure is { } failed) Reconsider(wanted, failed, returned && time.GetElapsedTime(failed.Tried) >= BetweenTries);
            if (Status.State != ModelState.Unloaded) return;
            Status = Status with { State = ModelState.Loading };
            Then(previous => ReplaceAsync(previous, wanted, limits));
        }
    }

    /// <summary>Retries a failed model if there is a reason to.</summary>
    private void Reconsider(Wish wanted, Failure failed, bool inAnyCase)
    {
        if (!inAnyCase && time.GetElapsedTime(failed.Looked) < BetweenLooks) return;
        failure = failed with { Looked = time.GetTimestamp() };
        ModelLimits limit = limits;
        Then(async previous =>
        {
            SharedEngine? engine = await previous.ConfigureAwait(false);
            if (engine is not null || (!inAnyCase && FolderStamp.Of(wanted.Options.ModelFolder) == failed.Folder)) return engine;
            return await ReplaceAsync(Task.FromResult(engine), wanted, limit).ConfigureAwait(false);
        });
    }

    /// <summary>Grants no more leases. An engine in use is disposed after its last lease, one being loaded once it is loaded.</summary>
    public void Dispose()
    {
        Task<SharedEngine?> last;
        lock (gate)
        {
            disposed = true;
            (last, loading) = (loading, Task.FromResult<SharedEngine?>(null));
        }
        idle.Dispose();
        ensured.TrySetResult();
        _ = RetireAsync(last);
    }

    private void ArmIdle() => idle.Change(limits.IdleUnload ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void UnloadIdle()
    {
        lock (gate)
        {
            if (disposed || Status.State != ModelState.Ready) return;
            if (loading is { IsCompletedSuccessfully: true, Result.IsInUse: true })
            {
                ArmIdle();
                return;
            }
            Unload(new ModelStatus(ModelState.Unloaded, $"The model was unloaded after {limits.IdleUnload?.TotalMinutes:0} minutes without use; the next edit loads it again.", null));
        }
    }

    private void Left(SharedEngine engine)
    {
        lock (gate)
        {
            if (disposed || engine.IsRetired || Status.State != ModelState.Ready || MemoryCeiling.RefuseToKeep(limits.MemoryBytes) is not { } refusal) return;
            Unload(new ModelStatus(ModelState.Error, refusal, null));
        }
    }

    private void Unload(ModelStatus status)
    {
        log.Information("{Status:l}", status.Message);
        Report(status);
        Then(async previous =>
        {
            await RetireAsync(previous).ConfigureAwait(false);
            return null;
        });
    }

    /// <summary>Grants no more leases on an engine, and waits a while for its current users.</summary>
    private async Task RetireAsync(Task<SharedEngine?> previous)
    {
        if (await previous.ConfigureAwait(false) is { } engine) await engine.RetireAsync().WaitAsync(Drain, time).Settled();
    }

    private void Then(Func<Task<SharedEngine?>, Task<SharedEngine?>> step)
    {
        Task<SharedEngine?> previous = loading;
        loading = Task.Run(() => step(previous));
    }

    private async Task<SharedEngine?> ReplaceAsync(Task<SharedEngine?> previous, Wish wanted, ModelLimits limit)
    {
        await RetireAsync(previous).ConfigureAwait(false);
        Report(new ModelStatus(ModelState.Loading, "The model is loading.", null));
        string folder = FolderStamp.Of(wanted.Options.ModelFolder);
        lock (gate) failure = null;
        try
        {
            ICompletionEngine engine = wanted.Remote is { } remote ? FallbackEngine.Open(remote, () => Load(wanted.Options, limit), time) : Load(wanted.Options, limit, Progress());
            var shared = new SharedEngine(engine, Left, log);
            engine.Changed += () => ReportChange(shared, engine);
            Report(Ready(engine));
            return shared;
        }
        catch (Exception e)
        {
            FailureText.Log(log, e, "the model could not be loaded");
            lock (gate) failure = new Failure(folder, time.GetTimestamp(), time.GetTimestamp());
            Report(new ModelStatus(ModelState.Error, FailureText.Sentence(e), null));
            return null;
        }
    }

    private ICompletionEngine Load(EngineOptions options, ModelLimits limit, Action<double>? progress = null)
    {
        if (MemoryCeiling.RefuseToLoad(options, limit.MemoryBytes) is { } refusal) throw new EngineException(refusal);
        long start = time.GetTimestamp();
        ICompletionEngine engine = load(options with { Notice = notice => log.Warning("{Notice:l}", notice) }, progress);
        ModelSummary model = engine.Model;
        log.Information("model {Name} ({Parameters} parameters, {Device}, {DataType}, {Threads} threads) loaded from {Folder} in {Milliseconds:0} ms",
            model.Name, model.Parameters, model.Device, model.DataType, model.Threads, model.Folder, time.GetElapsedTime(start).TotalMilliseconds);
        if (model.Device == "cuda") log.Information("{Graphs:l}", model.Graphs);
        if (model.SuffixNotice is not null) log.Warning("{Notice}", model.SuffixNotice);
        return engine;
    }

    /// <summary>Reports progress, throttled: a large checkpoint has hundreds of tensors, and every change is a message to the client.</summary>
    private Action<double> Progress()
    {
        long told = time.GetTimestamp();
        return share =>
        {
            if (time.GetElapsedTime(told) < BetweenProgress) return;
            told = time.GetTimestamp();
            Report(Status with { Progress = Math.Round(share, 2) });
        };
    }

    private static ModelStatus Ready(ICompletionEngine engine)
    {
        ModelSummary model = engine.Model;
        return new ModelStatus(ModelState.Ready, engine.Notice ?? $"{model.Name} on {model.Device}{(model.SuffixNotice is { } notice ? $". {notice}" : "")}", model);
    }

    private void ReportChange(SharedEngine shared, ICompletionEngine engine)
    {
        ModelStatus ready = Ready(engine);
        lock (gate)
        {
            if (disposed || shared.IsRetired || Status.State != ModelState.Ready) return;
        }
        log.Information("{Status:l}", ready.Message);
        Report(ready);
    }

    private void Report(ModelStatus status)
    {
        Status = status;
        listeners.Tell(status);
    }

    /// <summary>What to load.</summary>
    /// <param name="Remote">Null: no remote engine.</param>
    private sealed record Wish(EngineOptions Options, RemoteOptions? Remote);

    /// <summary>A load that failed.</summary>
    /// <param name="Folder">State of the model's folder before the attempt.</param>
    /// <param name="Tried">Time of the attempt.</param>
    /// <param name="Looked">Time of the last check of the folder.</param>
    private sealed record Failure(string Folder, long Tried, long Looked);
}

/// <summary>Limits on how long a model stays loaded and how much memory it may use.</summary>
/// <param name="IdleUnload">Idle time after which it is unloaded; null: never.</param>
/// <param name="MemoryBytes">Maximum memory of the whole process; null: no limit.</param>
internal sealed record ModelLimits(TimeSpan? IdleUnload = null, long? MemoryBytes = null);

/// <summary>The model's state, as a value and a sentence.</summary>
/// <param name="Progress">While loading: the fraction of the weights that has been read, 0 to 1; null: unknown.</param>
internal sealed record ModelStatus(ModelState State, string Message, ModelSummary? Model, double? Progress = null) : ServerEvent;

/// <summary>Loads an engine. Blocks.</summary>
/// <param name="progress">Called with the fraction of the weights that has been read, 0 to 1.</param>
internal delegate ICompletionEngine LoadEngine(EngineOptions options, Action<double>? progress = null);

/// <summary>The state's value.</summary>
internal enum ModelState { Starting, Loading, Ready, Unloaded, Error }
