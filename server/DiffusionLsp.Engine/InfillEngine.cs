using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine;

/// <summary>
/// The engine's façade: fills a hole in a text. Owns the model, its K/V cache and the one thread that touches the device. It
/// knows nothing of documents, editors or protocols.
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
            FreedMemory.GiveBackNative(); // memory that only loading needed
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

    /// <summary>The loaded model.</summary>
    public ModelSummary Model { get; }

    /// <summary>Creates a builder of a <see cref="WorkspaceIndex"/> for this model; null: the model has no n-gram cache weights.</summary>
    public WorkspaceIndex.Builder? IndexBuilder() => UsesNgramCache ? new WorkspaceIndex.Builder(model.Tokenizer) : null;

    internal bool UsesNgramCache => model.NgramCacheWeights is not null;

    /// <summary>Loads the model, the tokenizer and, if the model needs it, libtorch, and starts the decode thread. Blocks, possibly for seconds.</summary>
    /// <param name="progress">Called on the decode thread with the fraction of the weights read, 0 to 1; null: no listener.</param>
    /// <exception cref="EngineException">A file or library is missing or invalid; the message is one sentence with cause and cure.</exception>
    public static InfillEngine Load(EngineOptions options, Action<double>? progress = null) => new(options, progress);

    /// <summary>
    /// Fills one hole on the decode thread. Requests of one session run in order; those of different sessions share forwards where
    /// rows are cheap (<see cref="EngineOptions.MostActive"/>).
    /// </summary>
    /// <exception cref="EngineException">The request does not fit the model.</exception>
    /// <exception cref="EngineBusyException">Too many requests are waiting; thrown synchronously.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before decoding or between its steps.</exception>
    public Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        InfillAsync(request, options, (DecodeWatch?)null, cancellation);

    /// <summary>
    /// Like InfillAsync, but continuations run synchronously on the decode thread, which saves waking another thread. They must be
    /// short and must not block on another result.
    /// </summary>
    /// <inheritdoc cref="InfillAsync(InfillRequest, DecodeOptions, CancellationToken)"/>
    public Task<InfillResult> InfillPromptlyAsync(InfillRequest request, DecodeOptions options, CancellationToken cancellation) =>
        InfillAsync(request, options, (DecodeWatch?)null, cancellation, continueHere: true);

    internal Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, IDecodeObserver? observer, CancellationToken cancellation) =>
        InfillAsync(request, options, new DecodeWatch(observer), cancellation);

    internal Task<InfillResult> InfillAsync(InfillRequest request, DecodeOptions options, DecodeWatch? watch, CancellationToken cancellation, bool continueHere = false) =>
        core.Add(request, options, watch, continueHere, cancellation);

    /// <summary>
    /// Waits for a delay and then until the decode thread is free. Continuations run on that thread, so a request made there starts
    /// without waking another thread; they must be short.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before the thread's turn.</exception>
    public Task TurnAsync(TimeSpan delay, CancellationToken cancellation) => thread.TurnAsync(delay, cancellation);

    /// <summary>Requests being decoded, and requests waiting.</summary>
    public (int Running, int Waiting) Requests => core.Requests;

    /// <summary>Sessions kept, and those with a running request.</summary>
    internal Task<(int Kept, int Busy)> SessionsAsync() => thread.Run(() => core.Sessions, CancellationToken.None);

    /// <summary>Bytes of all K/V slots together, and of one.</summary>
    internal Task<(long All, long One)> SessionBytesAsync() => thread.Run(() => core.SessionBytes, CancellationToken.None);

    /// <summary>Forwards shared by several requests so far, and the rows in them.</summary>
    internal (long Forwards, long Rows) Shared => core.Shared;

    /// <summary>Empties every cache, so that the next request starts cold. For measurements.</summary>
    internal Task ForgetAsync() => thread.Run(() =>
    {
        core.Reset();
        return true;
    }, CancellationToken.None);

    /// <summary>Like <see cref="InfillAsync(InfillRequest, DecodeOptions, CancellationToken)"/>, but records every step: slower, with the same result.</summary>
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
            var core = new DecodeCore(model, options, threads, post);
            return (model, core, summary with { NoCudaGraphs = core.NoCudaGraphs });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the running request, stops the decode thread and frees the model.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 1) return; // frees native memory, which must not be freed twice
        thread.Dispose();
        FreedMemory.ExpectFreeing();
        core.Dispose();
        model.Dispose();
        FreedMemory.GiveBackAll();
        FreedMemory.ExpectComputing();
    }
}

/// <summary>What was loaded, and where it runs.</summary>
/// <param name="Name">Name of the model folder.</param>
/// <param name="Folder">Path of the model folder.</param>
/// <param name="Architecture">The first class name in config.json.</param>
/// <param name="Parameters">Number of parameters.</param>
/// <param name="VocabularySize">Entries of the tokenizer.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="DeviceReason">Why this device was chosen.</param>
/// <param name="DataType">Element type of the computation, in lower case, for example "bfloat16".</param>
/// <param name="Threads">CPU threads for computation.</param>
public sealed record ModelSummary(string Name, string Folder, string Architecture, long Parameters, int VocabularySize,
    string Device, string DeviceReason, string DataType, int Threads)
{
    /// <summary>Whether libtorch runs the model; false: the built-in CPU kernels do, and libtorch is not loaded.</summary>
    public bool UsesLibtorch { get; init; }

    /// <summary>Why forwards do not run as CUDA graphs, as a clause; null: they do, where they have few rows.</summary>
    public string? NoCudaGraphs { get; init; }

    /// <summary>A clause for the log and for doctor: whether forwards run as CUDA graphs.</summary>
    public string Graphs => NoCudaGraphs is null ? "CUDA graphs for forwards over few rows" : $"no CUDA graphs, because {NoCudaGraphs}";

    /// <summary>Title of the model family.</summary>
    public string Family { get; init; } = "";

    /// <summary>Whether the model is large enough to benefit from text of other files in its prompt (docs/lab).</summary>
    public bool ReadsOtherFiles => Parameters >= 300_000_000;

    /// <summary>A sentence for the user if the model cannot see the text after the cursor; null: it can.</summary>
    public string? SuffixNotice { get; init; }
}

/// <summary>The engine cannot carry out the request. The message is one sentence with cause and cure, kept to one line of at most 1,500 characters whatever file it quotes.</summary>
public class EngineException(string message, Exception? inner = null) : Exception(OneLine(message), inner)
{
    private const int Longest = 1500, Tail = 300;

    private static string OneLine(string message)
    {
        string line = string.Concat(message.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return line.Length <= Longest ? line : $"{line[..(Longest - Tail)]} … {line[^Tail..]}";
    }
}
