using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine;

/// <summary>
/// The façade: text with a hole in, completion out. Owns the model, its K/V cache and the one thread that touches
/// the device. It knows nothing of documents, editors or protocols.
/// </summary>
public sealed class InfillEngine : IDisposable
{
    private readonly DecodeThread thread = new();
    private readonly LoadedModel model;
    private readonly DecodeCore core;
    private int isDisposed;

    private InfillEngine(EngineOptions options, Action<double>? progress)
    {
        FreedMemory.ExpectLoading();
        try
        {
            (model, core, Model) = thread.Run(() => Start(options, progress, thread.Post), CancellationToken.None).GetAwaiter().GetResult();
            FreedMemory.GiveBackNative(); // what only loading needed
        }
        catch
        {
            thread.Dispose();
            FreedMemory.GiveBackAll();
            throw;
        }
        finally
        {
            FreedMemory.ExpectComputing();
        }
    }

    /// <summary>What was loaded.</summary>
    public ModelSummary Model { get; }

    /// <summary>Makes a <see cref="WorkspaceIndex"/> for this model; null: the model comes without weights for an n-gram cache.</summary>
    public WorkspaceIndex.Builder? IndexBuilder() => UsesNgramCache ? new WorkspaceIndex.Builder(model.Tokenizer) : null;

    internal bool UsesNgramCache => model.NgramCacheWeights is not null;

    /// <summary>Loads the model and the tokenizer, and libtorch if the model needs it, and starts the device thread. Blocks for up to seconds.</summary>
    /// <param name="progress">Told the share of the weights that has been read, 0 to 1, on the device thread; null: nobody listens.</param>
    /// <exception cref="EngineException">Something is missing or wrong; the message is one sentence with cause and cure.</exception>
    public static InfillEngine Load(EngineOptions options, Action<double>? progress = null) => new(options, progress);

    /// <summary>
    /// Fills one hole on the device thread. Requests of one session run in order; those of several share forwards where rows are
    /// cheap (<see cref="EngineOptions.MostActive"/>).
    /// </summary>
    /// <exception cref="EngineException">The request does not fit the model.</exception>
    /// <exception cref="EngineBusyException">Too many wait; thrown by the call itself.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before, between or during denoising steps.</exception>
    public Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        InfillAsync(request, options, (DecodeWatch?)null, cancellation);

    /// <summary>
    /// As InfillAsync, but what awaits the result goes on at once, on the device thread: another one would first have to wake
    /// up. It must be short and must not wait there for another result.
    /// </summary>
    /// <inheritdoc cref="InfillAsync(InfillRequest, DecodeOptions, CancellationToken)"/>
    public Task<InfillResult> InfillPromptlyAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        InfillAsync(request, options, (DecodeWatch?)null, cancellation, continueHere: true);

    internal Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, IDecodeObserver? observer, CancellationToken cancellation) =>
        InfillAsync(request, options, new DecodeWatch(observer), cancellation);

    internal Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, DecodeWatch? watch, CancellationToken cancellation, bool continueHere = false) =>
        core.Add(request, options, watch, continueHere, cancellation);

    /// <summary>
    /// Waits for a while, and then until the device thread is free, on which what awaits this goes on: a request that it makes
    /// begins without another thread having to wake up. It must be short.
    /// </summary>
    public Task TurnAsync(TimeSpan delay, CancellationToken cancellation) => thread.TurnAsync(delay, cancellation);

    /// <summary>Requests that are decoded now, and those that wait.</summary>
    public (int Running, int Waiting) Requests => core.Requests;

    /// <summary>Sessions that are kept, and those of them with a request under way.</summary>
    internal Task<(int Kept, int Busy)> SessionsAsync() => thread.Run(() => core.Sessions, CancellationToken.None);

    /// <summary>Bytes of all sessions' keys and values, and of one's.</summary>
    internal Task<(long All, long One)> SessionBytesAsync() => thread.Run(() => core.SessionBytes, CancellationToken.None);

    /// <summary>Forwards that several requests shared so far, and the rows fed in them.</summary>
    internal (long Forwards, long Rows) Shared => core.Shared;

    /// <summary>Empties every cache, so that the next request is a first one. For measurements.</summary>
    internal Task ForgetAsync() => thread.Run(() =>
    {
        core.Reset();
        return true;
    }, CancellationToken.None);

    /// <summary>As InfillAsync, with every step written down. Slower than <see cref="InfillAsync(InfillRequest, DecodeOptions, CancellationToken)"/>, and writes the same.</summary>
    /// <inheritdoc cref="InfillAsync(InfillRequest, DecodeOptions, CancellationToken)"/>
    public async Task<DecodeTrace> TraceAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation)
    {
        var recorder = new TraceRecorder(model.Tokenizer);
        InfillResult result = await InfillAsync(request, options, recorder, cancellation).ConfigureAwait(false);
        return new DecodeTrace(result, options, recorder.Steps) { Rewritten = result.Rewritten };
    }

    private static (LoadedModel, DecodeCore, ModelSummary) Start(EngineOptions options, Action<double>? progress, Func<Action, bool> post)
    {
        int threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        LoadedModel model = LoadedModel.Load(options.ModelFolder, options.Device, new LoadOptions
        {
            Progress = progress,
            PromptTokens = options.PromptTokens,
            ThroughLibtorch = options.ThroughLibtorch,
            Libtorch = new Libtorch(options.LibtorchFolder, threads),
        });
        var summary = new ModelSummary(Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Folder)), model.Folder, model.Config.Architectures[0],
            ParameterTable.Count(model.Config), model.Tokenizer.VocabularySize, model.Compute.Name, model.Compute.Reason,
            model.Compute.DataType.ToString().ToLowerInvariant(), threads)
        {
            Family = model.Description.Family.Title,
            SuffixNotice = model.Description.SuffixNotice,
            UsesLibtorch = model.UsesLibtorch,
        };
        try
        {
            return (model, new DecodeCore(model, options, threads, post), summary);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the request under way, stops the device thread and frees the model.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 1) return; // what it frees is native: nobody may free it twice
        thread.Dispose();
        FreedMemory.ExpectFreeing();
        core.Dispose();
        model.Dispose();
        FreedMemory.GiveBackAll();
        FreedMemory.ExpectComputing();
    }
}

/// <summary>What a model is, in words and figures; and where it runs, and why there.</summary>
public sealed record ModelSummary(string Name, string Folder, string Architecture, long Parameters, int VocabularySize,
    string Device, string DeviceReason, string DataType, int Threads)
{
    /// <summary>Whether libtorch runs it; false: kernels of our own do, and libtorch is not loaded.</summary>
    public bool UsesLibtorch { get; init; }

    /// <summary>The family of models that it belongs to.</summary>
    public string Family { get; init; } = "";

    /// <summary>Whether it is large enough to gain by the text of other files in its prompt (docs/lab).</summary>
    public bool ReadsOtherFiles => Parameters >= 300_000_000;

    /// <summary>What to tell people when the model cannot see text after the cursor, as a sentence; null: it can.</summary>
    public string? SuffixNotice { get; init; }
}

/// <summary>The engine cannot do what was asked. The message is one sentence that names the cause and the cure, in one line however odd the file is that it quotes.</summary>
public class EngineException(string message, Exception? inner = null) : Exception(OneLine(message), inner)
{
    private const int Longest = 1500, Tail = 300;

    private static string OneLine(string message)
    {
        string line = string.Concat(message.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return line.Length <= Longest ? line : $"{line[..(Longest - Tail)]} … {line[^Tail..]}";
    }
}
