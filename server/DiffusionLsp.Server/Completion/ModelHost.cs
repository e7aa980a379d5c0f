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

    private readonly LoadEngine load;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly ITimer idle;
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ensured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineOptions? options;
    private ModelLimits limits = new();
    private Task<ICompletionEngine?> loading = Task.FromResult<ICompletionEngine?>(null);
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

    /// <summary>Somebody works with the editor: a model that was unloaded comes back, one that is there stays.</summary>
    public void Touch()
    {
        lock (gate)
        {
            if (disposed) return;
            ArmIdle();
            if (Status.State != ModelState.Unloaded || options is not { } wanted) return;
            Status = Status with { State = ModelState.Loading };
            Then(previous => ReplaceAsync(previous, wanted, limits));
        }
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
            Report(new ModelStatus(ModelState.Error, FailureText.Sentence(e), null));
            return null;
        }
    }

    private void Report(ModelStatus status)
    {
        Status = status;
        Changed?.Invoke(status);
    }

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
