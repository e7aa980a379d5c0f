using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Remote;

/// <summary>
/// A remote engine with the local one as fallback, for when the remote one does not answer or a file must not leave the machine. The local
/// one is loaded when first needed. Only one of them is queried at a time, so that ghost text does not flicker between the two.
/// </summary>
internal sealed class FallbackEngine : ICompletionEngine
{
    private const long SomeLargeModel = 1_000_000_000; // number of parameters assumed if an engine does not report it: remote engines run large models

    private readonly RemoteEngine remote;
    private readonly RemoteFallback fallback;
    private readonly Func<ICompletionEngine> load;
    private readonly RemoteHealth health;
    private readonly Lock gate = new();
    private Task<ICompletionEngine>? loading;

    /// <param name="load">Loads the local engine; blocks.</param>
    public FallbackEngine(RemoteEngine remote, RemoteFallback fallback, Func<ICompletionEngine> load, TimeProvider time)
    {
        (this.remote, this.fallback, this.load) = (remote, fallback, load);
        health = new RemoteHealth(remote.ProbeAsync, time);
        health.Changed += () => Changed?.Invoke();
    }

    public event Action? Changed;

    /// <summary>The remote engine.</summary>
    public RemoteEngine Remote => remote;

    /// <summary>The local engine; null: not needed yet.</summary>
    public ICompletionEngine? Local => loading is { IsCompletedSuccessfully: true } loaded ? loaded.Result : null;

    public ModelSummary Model => new(
        remote.Server is { Model.Length: > 0 } server ? server.Model : remote.Address.Host, remote.Address.Host, "remote", remote.Server?.Parameters ?? SomeLargeModel, 0,
        "remote", "setting diffusionLsp.remoteUrl", "", 0);

    public string? Notice => health.Problem is { } problem ? $"{problem}; {Instead}." : $"{Model.Name} at {remote.Address.Host}";

    public bool DecodesAhead => false;

    public bool Draws => false;

    private string Instead => fallback is RemoteFallback.Never ? "there are no suggestions until it works again (setting diffusionLsp.remoteFallback)" : $"{Local?.Model.Name ?? "the local model"} answers instead";

    /// <summary>Connects to the engine named in the settings, and queries its kind and model.</summary>
    /// <param name="load">Loads the local engine; blocks.</param>
    /// <exception cref="EngineException">The settings are invalid.</exception>
    public static FallbackEngine Open(RemoteOptions options, Func<ICompletionEngine> load, TimeProvider time)
    {
        var engine = new FallbackEngine(new RemoteEngine(options), options.Fallback, load, time);
        try
        {
            engine.remote.FindAsync().GetAwaiter().GetResult();
        }
        catch (RemoteException e)
        {
            engine.health.NoteFailure(e, isCertain: true);
        }
        return engine;
    }

    /// <exception cref="RemoteException">The remote engine does not answer, and there is no fallback.</exception>
    public async Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation)
    {
        RemoteException? why = null;
        if (request.MayLeave && health.MayAsk())
        {
            try
            {
                InfillResult result = await remote.FillAsync(request, options, cancellation).ConfigureAwait(false);
                health.NoteSuccess();
                return result;
            }
            catch (RemoteException e)
            {
                health.NoteFailure(why = e);
            }
        }
        if (fallback is RemoteFallback.Never) throw Unavailable(request, why);
        ICompletionEngine local = await LoadedAsync().WaitAsync(cancellation).ConfigureAwait(false);
        // Text of other files was chosen for the remote model; a small one makes poor use of it.
        return await local.InfillAsync(local.Model.ReadsOtherFiles ? request : request with { Related = [] }, options, cancellation).ConfigureAwait(false);
    }

    /// <exception cref="EngineException">Always.</exception>
    public Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        throw new EngineException($"{remote.Address.Host} decodes remotely and provides no trace; clear diffusionLsp.remoteUrl to trace this machine's model.");

    /// <summary>The local engine's; a remote one has its own.</summary>
    public WorkspaceIndex.Builder? IndexBuilder() => Local?.IndexBuilder();

    public void Dispose()
    {
        remote.Dispose();
        lock (gate) _ = loading?.ContinueWith(loaded => loaded.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private RemoteException Unavailable(InfillRequest request, RemoteException? why) => request.MayLeave
        ? new RemoteException(why?.Failure ?? RemoteFailure.Unreachable, $"{why?.Message ?? health.Problem}; {Instead}.")
        : new RemoteException(RemoteFailure.Private, "Git ignores this file, so its text stays on this machine, and the local model is turned off (setting diffusionLsp.remoteFallback).");

    private Task<ICompletionEngine> LoadedAsync()
    {
        lock (gate)
        {
            if (loading is null or { IsFaulted: true }) loading = Task.Run(load);
            return loading;
        }
    }
}
