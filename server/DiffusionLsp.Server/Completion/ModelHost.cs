using DiffusionLsp.Engine;
using Serilog;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Holds the one engine: loads it in the background, replaces it when its options change, and tells how that goes.
/// A model that does not load is a state, not a crash. It knows nothing of requests or of editors.
/// </summary>
internal sealed class ModelHost(Func<EngineOptions, ICompletionEngine> load, ILogger log) : IDisposable
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ensured = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineOptions? options;
    private Task<ICompletionEngine?> loading = Task.FromResult<ICompletionEngine?>(null);
    private bool disposed;

    /// <summary>Raised on every change, on any thread.</summary>
    public event Action<ModelStatus>? Changed;

    /// <summary>The state now.</summary>
    public ModelStatus Status { get; private set; } = new(ModelState.Starting, "The server has started.", null);

    /// <summary>The engine, once it is loaded; null when it could not be.</summary>
    public async Task<ICompletionEngine?> GetAsync()
    {
        await ensured.Task.ConfigureAwait(false);
        Task<ICompletionEngine?> current;
        lock (gate) current = loading;
        return await current.ConfigureAwait(false);
    }

    /// <summary>Starts loading, unless these options are loaded or being loaded already.</summary>
    public void Ensure(EngineOptions wanted)
    {
        lock (gate)
        {
            if (disposed || wanted == options) return;
            options = wanted;
            Task<ICompletionEngine?> previous = loading;
            loading = Task.Run(() => ReplaceAsync(previous, wanted));
            ensured.TrySetResult();
        }
    }

    public void Dispose()
    {
        Task<ICompletionEngine?> last;
        lock (gate)
        {
            disposed = true;
            last = loading;
        }
        if (last.IsCompletedSuccessfully) last.Result?.Dispose();
    }

    private async Task<ICompletionEngine?> ReplaceAsync(Task<ICompletionEngine?> previous, EngineOptions wanted)
    {
        (await previous.ConfigureAwait(false))?.Dispose();
        Report(new ModelStatus(ModelState.Loading, "The model is being loaded.", null));
        try
        {
            long start = TimeProvider.System.GetTimestamp();
            ICompletionEngine engine = load(wanted);
            ModelSummary model = engine.Model;
            log.Information("model {Name} ({Parameters} parameters, {Device}, {DataType}, {Threads} threads) loaded from {Folder} in {Milliseconds:0} ms",
                model.Name, model.Parameters, model.Device, model.DataType, model.Threads, model.Folder, TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            if (model.SuffixNotice is { } notice) log.Warning("{Notice}", notice);
            Report(new ModelStatus(ModelState.Ready, $"{model.Name} on {model.Device}{(model.SuffixNotice is { } limit ? $". {limit}" : "")}", model));
            return engine;
        }
        catch (Exception e)
        {
            log.Error(e, "the model could not be loaded");
            Report(new ModelStatus(ModelState.Error, FailureText.Sentence(e), null));
            return null;
        }
    }

    private void Report(ModelStatus status)
    {
        Status = status;
        Changed?.Invoke(status);
    }
}

/// <summary>How it stands with the model, in a word and a sentence.</summary>
internal sealed record ModelStatus(ModelState State, string Message, ModelSummary? Model);

/// <summary>The word.</summary>
internal enum ModelState { Starting, Loading, Ready, Error }
