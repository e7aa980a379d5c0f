using DiffusionLsp.Engine;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Holds the one engine: loads it in the background, replaces it when its options change, unloads it when nobody needs it
/// for long, and tells how that goes. A model that does not load is a state, not a crash. It knows nothing of requests or
/// of editors.
/// </summary>
internal sealed class ModelHost : IDisposable
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2); // at the folder of a model that failed
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10); // of a folder that did not change
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(60); // who does nothing for so long was elsewhere: not every editor tells of focus

    private readonly LoadEngine load;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly ITimer idle;
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ensured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineOptions? options;
    private ModelLimits limits = new();
    private Task<ICompletionEngine?> loading = Task.FromResult<ICompletionEngine?>(null);
    private Failure? failure; // of the last load
    private long lastTouch;
    private int users;
    private bool disposed;

    public ModelHost(LoadEngine load, ILogger log, TimeProvider? time = null)
    {
        this.load = load;
        this.log = log;
        this.time = time ?? TimeProvider.System;
        // One shot, armed anew by each use: nothing ticks while nobody types.
        idle = this.time.CreateTimer(_ => UnloadIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Raised on every change, on any thread.</summary>
    public event Action<ModelStatus>? Changed;

    /// <summary>The state now.</summary>
    public ModelStatus Status { get; private set; } = new(ModelState.Starting, "The server has started.", null);

    /// <summary>The engine if it is loaded now; null otherwise.</summary>
    public ICompletionEngine? Loaded
    {
        get
        {
            lock (gate) return loading.IsCompletedSuccessfully ? loading.Result : null;
        }
    }

    /// <summary>The engine, once it is loaded; null when it could not be.</summary>
    public async Task<ICompletionEngine?> GetAsync()
    {
        await ensured.Task.ConfigureAwait(false);
        Touch();
        Task<ICompletionEngine?> current;
        lock (gate) current = loading;
        return await current.ConfigureAwait(false);
    }

    /// <summary>Starts loading, unless these options are loaded or being loaded already.</summary>
    public void Ensure(EngineOptions wanted, ModelLimits? limit = null)
    {
        lock (gate)
        {
            bool isSame = wanted == options && (limit is null || limit.MemoryBytes == limits.MemoryBytes);
            limits = limit ?? limits;
            if (disposed) return;
            ArmIdle();
            if (isSame) return;
            options = wanted;
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
            if (options is not { } wanted) return;
            if (failure is { } failed) Reconsider(wanted, failed, returned && time.GetElapsedTime(failed.Tried) >= BetweenTries);
            if (Status.State != ModelState.Unloaded) return;
            Status = Status with { State = ModelState.Loading };
            Then(previous => ReplaceAsync(previous, wanted, limits));
        }
    }

    /// <summary>Tries a model that failed again, if there is a reason to.</summary>
    private void Reconsider(EngineOptions wanted, Failure failed, bool inAnyCase)
    {
        if (!inAnyCase && time.GetElapsedTime(failed.Looked) < BetweenLooks) return;
        failure = failed with { Looked = time.GetTimestamp() };
        ModelLimits limit = limits;
        Then(async previous =>
        {
            ICompletionEngine? engine = await previous.ConfigureAwait(false);
            if (engine is not null || (!inAnyCase && FolderStamp.Of(wanted.ModelFolder) == failed.Folder)) return engine;
            return await ReplaceAsync(Task.FromResult(engine), wanted, limit).ConfigureAwait(false);
        });
    }

    /// <summary>Keeps the engine from being unloaded as idle until the lease is disposed, and looks at the memory then.</summary>
    public Lease Use()
    {
        lock (gate) users++;
        return new Lease(this);
    }

    public void Dispose()
    {
        Task<ICompletionEngine?> last;
        lock (gate)
        {
            disposed = true;
            last = loading;
        }
        idle.Dispose();
        if (last.IsCompletedSuccessfully) last.Result?.Dispose();
    }

    private void ArmIdle() => idle.Change(limits.IdleUnload ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void UnloadIdle()
    {
        lock (gate)
        {
            if (disposed || Status.State != ModelState.Ready) return;
            if (users > 0)
            {
                ArmIdle();
                return;
            }
            Unload(new ModelStatus(ModelState.Unloaded, $"The model was unloaded after {limits.IdleUnload?.TotalMinutes:0} minutes without use; the next edit loads it again.", null));
        }
    }

    private void Leave()
    {
        lock (gate)
        {
            users--;
            if (disposed || Status.State != ModelState.Ready || MemoryCeiling.RefuseToKeep(limits.MemoryBytes) is not { } refusal) return;
            Unload(new ModelStatus(ModelState.Error, refusal, null));
        }
    }

    private void Unload(ModelStatus status)
    {
        log.Information("{Status:l}", status.Message);
        Report(status);
        Then(async previous =>
        {
            (await previous.ConfigureAwait(false))?.Dispose();
            return null;
        });
    }

    private void Then(Func<Task<ICompletionEngine?>, Task<ICompletionEngine?>> step)
    {
        Task<ICompletionEngine?> previous = loading;
        loading = Task.Run(() => step(previous));
    }

    private async Task<ICompletionEngine?> ReplaceAsync(Task<ICompletionEngine?> previous, EngineOptions wanted, ModelLimits limit)
    {
        (await previous.ConfigureAwait(false))?.Dispose();
        Report(new ModelStatus(ModelState.Loading, "The model is being loaded.", null));
        string folder = FolderStamp.Of(wanted.ModelFolder);
        lock (gate) failure = null;
        try
        {
            if (MemoryCeiling.RefuseToLoad(wanted, limit.MemoryBytes) is { } refusal) throw new EngineException(refusal);
            long start = time.GetTimestamp();
            long told = start;
            ICompletionEngine engine = load(wanted, share =>
            {
                // A large checkpoint has hundreds of tensors, and every change is a message.
                if (time.GetElapsedTime(told) < BetweenProgress) return;
                told = time.GetTimestamp();
                Report(Status with { Progress = Math.Round(share, 2) });
            });
            ModelSummary model = engine.Model;
            log.Information("model {Name} ({Parameters} parameters, {Device}, {DataType}, {Threads} threads) loaded from {Folder} in {Milliseconds:0} ms",
                model.Name, model.Parameters, model.Device, model.DataType, model.Threads, model.Folder, time.GetElapsedTime(start).TotalMilliseconds);
            if (model.SuffixNotice is not null) log.Warning("{Notice}", model.SuffixNotice);
            Report(new ModelStatus(ModelState.Ready, $"{model.Name} on {model.Device}{(model.SuffixNotice is { } notice ? $". {notice}" : "")}", model));
            return engine;
        }
        catch (Exception e)
        {
            FailureText.Log(log, e, "the model could not be loaded");
            lock (gate) failure = new Failure(folder, time.GetTimestamp(), time.GetTimestamp());
            Report(new ModelStatus(ModelState.Error, FailureText.Sentence(e), null));
            return null;
        }
    }

    private void Report(ModelStatus status)
    {
        Status = status;
        Changed?.Invoke(status);
    }

    /// <summary>A load that failed.</summary>
    /// <param name="Folder">What the model's folder looked like before.</param>
    /// <param name="Tried">When that was.</param>
    /// <param name="Looked">When the folder was last looked at.</param>
    private sealed record Failure(string Folder, long Tried, long Looked);

    /// <summary>One use of the engine.</summary>
    internal readonly struct Lease(ModelHost host) : IDisposable
    {
        public void Dispose() => host.Leave();
    }
}

/// <summary>How long and how much the model may stay.</summary>
/// <param name="IdleUnload">Null: it stays for good.</param>
/// <param name="MemoryBytes">Most bytes of the whole process; null: no limit.</param>
internal sealed record ModelLimits(TimeSpan? IdleUnload = null, long? MemoryBytes = null);

/// <summary>How it stands with the model, in a word and a sentence.</summary>
/// <param name="Progress">While loading: the share of the weights that has been read, 0 to 1; null: not known.</param>
internal sealed record ModelStatus(ModelState State, string Message, ModelSummary? Model, double? Progress = null);

/// <summary>Loads an engine. Blocks.</summary>
/// <param name="progress">Told the share of the weights that has been read, 0 to 1.</param>
internal delegate ICompletionEngine LoadEngine(EngineOptions options, Action<double>? progress = null);

/// <summary>The word.</summary>
internal enum ModelState { Starting, Loading, Ready, Unloaded, Error }
