using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine;

/// <summary>Everything that decodes for one loaded model, wired together: runner, sessions, proposer, driver, scheduler.</summary>
internal sealed class DecodeCore : IDisposable
{
    private const int Together = 16; // requests, where rows are cheap
    private const int StepRows = 8; // rows per request
    private const int UsualHole = 256; // a large model's rows take much memory: a slot grows when a longer hole arrives

    private readonly LoadedModel model;
    private readonly SessionPool sessions;
    private readonly TokenProposer proposer;
    private readonly DecodeDriver driver;
    private readonly Infiller infiller;
    private readonly InfillScheduler scheduler;
    private readonly ModelRunner runner;
    private int mostActive; // 0: not measured yet

    /// <param name="threads">CPU threads of a forward over many rows.</param>
    /// <param name="post">Queues work on the decode thread; false: the thread has ended.</param>
    public DecodeCore(LoadedModel model, EngineOptions options, int threads, Func<Action, bool> post)
    {
        (this.model, mostActive) = (model, options.MostActive);
        runner = StepRunner.Over(model, model.NewRunner(threads), options, out string? noGraphs);
        NoCudaGraphs = noGraphs;
        PromptTokens = PromptLength.Of(model, runner, options.PromptTokens);
        proposer = TokenProposer.For(model, BlockedTokens.Of(model));
        driver = new DecodeDriver(proposer, runner);
        infiller = new Infiller(model, runner, options, PromptTokens, threads, driver);
        sessions = new SessionPool(model, runner, RowsOf(new DecodeOptions()), options.MostSessions > 0 ? options.MostSessions : Math.Max(Together, options.MostActive), options.SessionBytes ?? AvailableMemory.On(model.Compute) / 2 ?? long.MaxValue);
        scheduler = new InfillScheduler(infiller, sessions, driver, post, MostActive, new WaitingLimits(options.MostWaiting, options.MostWaitingPerSession)) { Told = Report(options.Rounds, runner) };
        // Keeps both out of a small model's first request: compiling the forward's code and measuring its cost.
        if (!model.UsesLibtorch) post(() => _ = infiller.Cost);
    }

    /// <summary>Why the model does not run in CUDA graphs, as a clause; null: it does, where a forward has few rows.</summary>
    public string? NoCudaGraphs { get; }

    /// <summary>Maximum number of prompt tokens.</summary>
    public int PromptTokens { get; }

    /// <summary>Requests being decoded, and requests waiting.</summary>
    public (int Running, int Waiting) Requests => scheduler.Requests;

    /// <summary>Sessions kept, and those with a running request. On the decode thread.</summary>
    public (int Kept, int Busy) Sessions => (sessions.Count, sessions.Busy);

    /// <summary>Bytes of all K/V slots together, and of one. On the decode thread.</summary>
    public (long All, long One) SessionBytes => sessions.Bytes;

    /// <summary>Forwards shared by several requests so far, and the rows in them.</summary>
    public (long Forwards, long Rows) Shared => driver.Shared;

    public Task<InfillResult> Add(InfillRequest request, DecodeOptions options, DecodeWatch? watch, bool continueHere, CancellationToken cancellation) =>
        scheduler.Add(request, options, RowsOf(options), watch, continueHere, cancellation);

    /// <summary>Empties every cache. On the decode thread.</summary>
    public void Reset() => sessions.Reset();

    private Action<int>? Report(Action<DecodeRound>? rounds, ModelRunner runner)
    {
        if (rounds is null) return null;
        (long Prompt, long Step) before = runner.Fed;
        return requests =>
        {
            (long prompt, long step) = runner.Fed;
            rounds(new DecodeRound(requests, prompt - before.Prompt, step - before.Step, sessions.Room));
            before = (prompt, step);
        };
    }

    private int MostActive() => mostActive > 0 ? mostActive : mostActive = infiller.Cost.RowsAreCheap(Together * StepRows) ? Together : 1;

    private int RowsOf(DecodeOptions options) => Math.Min(model.Config.MaxPositions, PromptTokens + Math.Max(options.Length, UsualHole));

    public void Dispose()
    {
        infiller.Dispose();
        (runner as IDisposable)?.Dispose(); // waits for its last forward, which may still use the others' memory
        sessions.Dispose();
        proposer.Dispose();
    }
}
