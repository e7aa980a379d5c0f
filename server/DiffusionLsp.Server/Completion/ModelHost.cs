using DiffusionLsp.Engine;
using DiffusionLsp.Server.Remote;
using DiffusionLsp.Server.Telemetry;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Holds the one engine and lends it: loads it in the background, replaces it when its options change, unloads it when nobody
/// needs it for long, and tells how that goes. No engine is disposed while somebody has a lease on it. A model that does not
/// load is a state, not a crash. It knows nothing of requests or of editors.
/// </summary>
internal sealed class ModelHost : IDisposable
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2); // at the folder of a model that failed
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10); // of a folder that did not change
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2); // most decodes end sooner, and two models at once may not fit
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(60); // who does nothing for so long was elsewhere: not every editor tells of focus

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
    private Failure? failure; // of the last load
    private long lastTouch;
    private bool disposed;

    public ModelHost(LoadEngine load, Listeners listeners, ILogger log, TimeProvider? time = null)
    {
        (this.load, this.listeners, this.log, this.time) = (load, listeners, log, time ?? TimeProvider.System);
        // One shot, armed anew by each use: nothing ticks while nobody types.
        idle = this.time.CreateTimer(_ => UnloadIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The state now. Every change is told, on any thread.</summary>
    public ModelStatus Status { get; private set; } = new(ModelState.Starting, "The server has started.", null);

    /// <summary>A lease on the engine if it is loaded now; null otherwise.</summary>
    public EngineLease? TryAcquire()
    {
        lock (gate) return loading.IsCompletedSuccessfully ? loading.Result?.TryEnter() : null;
    }

    /// <summary>A lease on the engine, once it is loaded; null when it could not be.</summary>
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
            await current.WaitAsync(cancellation).ConfigureAwait(false); // by then there may be another
        }
    }

    /// <summary>Starts loading, unless these options are loaded or being loaded already.</summary>
    /// <param name="remote">An engine elsewhere that answers instead, as long as it does; null: none.</param>
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

    /// <summary>No model is wanted: who waits for one goes without, unless one is loaded already.</summary>
    public void NoneWanted() => ensured.TrySetResult();

    /// <summary>
    /// Somebody works with the editor: a model that was unloaded comes back, one that is there stays, and one that failed is tried
    /// again if its folder was changed since.
    /// </summary>
    public void Touch() => Touch(returned: false);

    /// <summary>Somebody is back at the editor: as <see cref="Touch()"/>, but a model that failed is tried again in any case.</summary>
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

    /// <summary>Tries a model that failed again, if there is a reason to.</summary>
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

    /// <summary>Lends no more. An engine in use is disposed after its last lease, one that is being loaded when it is loaded.</summary>
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

    /// <summary>Lends an engine no more, and waits a while for those who still use it.</summary>
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
        Report(new ModelStatus(ModelState.Loading, "The model is being loaded.", null));
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

    /// <summary>A large checkpoint has hundreds of tensors, and every change is a message.</summary>
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

    /// <summary>What is to be loaded.</summary>
    /// <param name="Remote">Null: nothing elsewhere.</param>
    private sealed record Wish(EngineOptions Options, RemoteOptions? Remote);

    /// <summary>A load that failed.</summary>
    /// <param name="Folder">What the model's folder looked like before.</param>
    /// <param name="Tried">When that was.</param>
    /// <param name="Looked">When the folder was last looked at.</param>
    private sealed record Failure(string Folder, long Tried, long Looked);
}

/// <summary>How long and how much the model may stay.</summary>
/// <param name="IdleUnload">Null: it stays for good.</param>
/// <param name="MemoryBytes">Most bytes of the whole process; null: no limit.</param>
internal sealed record ModelLimits(TimeSpan? IdleUnload = null, long? MemoryBytes = null);

/// <summary>How it stands with the model, in a word and a sentence.</summary>
/// <param name="Progress">While loading: the share of the weights that has been read, 0 to 1; null: not known.</param>
internal sealed record ModelStatus(ModelState State, string Message, ModelSummary? Model, double? Progress = null) : ServerEvent;

/// <summary>Loads an engine. Blocks.</summary>
/// <param name="progress">Told the share of the weights that has been read, 0 to 1.</param>
internal delegate ICompletionEngine LoadEngine(EngineOptions options, Action<double>? progress = null);

/// <summary>The word.</summary>
internal enum ModelState { Starting, Loading, Ready, Unloaded, Error }
