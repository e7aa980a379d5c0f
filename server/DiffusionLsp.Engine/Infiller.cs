using System.Diagnostics;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Decoding.Stopping;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>Turns a request into a decode (prompt, canvas, decoder) and a finished decode into a result. Runs on the decode thread.</summary>
/// <param name="promptTokens">Maximum number of prompt tokens.</param>
/// <param name="driver">Runs the indentation probe's forward.</param>
internal sealed class Infiller(LoadedModel model, ModelRunner runner, EngineOptions engine, int promptTokens, int threads, DecodeDriver driver) : IDisposable
{
    private const int LeastPrompt = 128; // tokens; with fewer, completions no longer relate to the file

    private readonly TokenHealing healer = new(model.Tokenizer);
    private readonly HoleLength lengths = new(model, runner);
    private readonly IndentProbe indents = new(model, driver);
    private readonly FilterStore filters = new(model.Folder);
    private readonly DecoderResources resources = new(model, runner, engine, promptTokens, threads);
    private readonly HashSet<int> lineBreaks = [.. Enumerable.Range(0, model.Tokenizer.VocabularySize).Where(id => model.Tokenizer.BytesOf(id).Contains((byte)'\n'))];

    /// <summary>Begins a decode.</summary>
    /// <param name="session">The caller's session, rented until <see cref="Finish"/>.</param>
    /// <param name="watch">Observes or modifies the decode; null: nothing does.</param>
    /// <exception cref="EngineException">The request does not fit the model.</exception>
    public Infill Begin(InfillRequest request, DecodeOptions options, Session session, DecodeWatch? watch, CancellationToken cancellation)
    {
        var timing = new Timing(Stopwatch.StartNew());
        var prompts = new PromptBuilder(model.Tokenizer, PromptBudget(options), model.Description.Family.MarksFiles);
        AssembledPrompt prompt = AssembledPrompt.Of(request, model.Description, prompts, healer);
        options = Shortened(options, prompt.Tokens.Length + prompt.Suffix.Length);
        double tokenized = timing.Clock.Elapsed.TotalMilliseconds;

        RowScorer own = session.ScorerFor(options);
        ICanvasScorer scorer = watch?.Scorer is { } wrap ? wrap(own) : own;
        int reused = Math.Min(own.CachedPrefixLength(prompt.Tokens), prompt.Tokens.Length - 1);
        string indent = prompt.Indent is { } question ? Indent(question) : "";
        if (indent.Length > 0)
        {
            request = request with { Prefix = request.Prefix + indent };
            prompt = AssembledPrompt.Of(request, model.Description, prompts, healer);
        }
        InfillPlan plan = lengths.Plan(new Prompt(prompt.Tokens, prompt.Suffix), request, options, cancellation);
        SpecialTokens special = model.Tokenizer.Special;
        bool Ends(int id) => special.Ends(id) || (request.SingleLine && lineBreaks.Contains(id));
        var task = new DecodeTask(prompt.Tokens, new Canvas(plan.Length, special.Mask), prompt.Suffix, Ends)
        {
            Text = prompt.Text,
            Offset = plan.Offset,
            InitialDraft = options.Cache is CacheKind.None ? InitialDraft.None : session.Lookup.Draft(request, prompt.Healed),
        };
        DecoderRow decoder = Decoders.RowOf(options);
        CommitFilter? filter = decoder.Filter is { } kind ? filters.Find(kind, options) : null;
        var context = new DecoderContext(task, options, scorer, new PolicyContext(task.Text, Ends, filter), session.Ngrams, resources)
        {
            Workspace = Workspace(request, options),
            BlockLength = plan.BlockLength,
            Expanding = plan.Expands ? new ExpandSetup(special.Expand!.Value, special.EndOfText, options.Length) : null,
            OtherPolicy = watch?.Policy,
        };
        if (decoder.NeedsVerifier && context.Expanding is null) context = context with { Verifier = Verifiers.Create(context) };
        var signals = new SignalRecorder();
        var run = new DecodeRun(Decoders.Create(context), task.Canvas, scorer)
        {
            Verifier = context.Verifier,
            Temperature = options.Temperature,
            Seed = options.Seed,
            Processors = LogitsProcessors.For(new ProcessorContext(task, prompt.Healing?.Allowed, NgramCache(request, prompt.Healed.Length, options, session, prompt.Healing is { } healing ? (prompt.Tokens.Length, healing.Allowed.ToHashSet()) : null, Ends)) { Signals = signals }),
            Signals = signals,
            Criteria = StoppingCriteria.For(new StoppingContext(request, () => Written(task.Canvas, request, prompt, indent).Text, timing.Clock,
                request.SingleLine && !EndOfTextRules.Create(options).KeepsCanvas ? (Func<int, bool>)lineBreaks.Contains : null)),
            Observer = watch?.Observer,
            Cancellation = cancellation,
            Scored = timing.Mark,
        };
        return new Infill(request, prompt, task, run, session) { Timing = timing, Tokenized = tokenized, Reused = reused, Probes = plan.Forwards + (prompt.Indent is null ? 0 : 1), Indent = indent };

        string Indent(IndentQuestion asked) => indents.Ask(asked, prompt.Suffix,
            NgramCache(request, asked.Cut, options, session, (asked.Before.Length, asked.Extra.Keys.ToHashSet()), _ => false),
            options, own, timing.Mark, cancellation);
    }

    /// <summary>Builds the result of a finished decode, and keeps what was generated for the session's next requests.</summary>
    public InfillResult Finish(Infill infill)
    {
        (InfillRequest request, AssembledPrompt prompt, DecodeTask task, DecodeRun run, Session session) = infill;
        session.Lookup.Remember(request, task.Canvas.Ids[..task.Canvas.Committed], prompt.Healed);
        WrittenText written = Written(task.Canvas, request, prompt, infill.Indent);
        (IReadOnlyList<WrittenToken> tokens, CompletionPlace place) = (Tokens(infill, written), Place(infill));
        double decoded = infill.Timing.Clock.Elapsed.TotalMilliseconds;
        return new InfillResult
        {
            Completion = written.Text,
            StopReason = written.Reason is StopReason.Budget && run.Met is EnoughText ? StopReason.Enough : written.Reason,
            Forwards = run.Forwards + infill.Probes,
            Tokens = written.Tokens,
            PromptTokens = prompt.Tokens.Length + prompt.Suffix.Length,
            CachedPromptTokens = infill.Reused,
            Confidence = model.Confidence.Of(tokens, place),
            Signals = (tokens, place),
            Rewritten = prompt.Healed.Length,
            Notice = string.IsNullOrWhiteSpace(request.Suffix) ? null : model.Description.SuffixNotice,
            Timings = new InfillTimings(infill.Tokenized, infill.Timing.First - infill.Tokenized, decoded - infill.Timing.First),
        };
    }

    /// <summary>The tokens of a completion; completed indentation counts as part of the first one.</summary>
    private IReadOnlyList<WrittenToken> Tokens(Infill infill, WrittenText written)
    {
        if (written.Text.Length == 0) return [];
        int indent = infill.Indent.Length;
        IReadOnlyList<WrittenToken> tokens = CompletionTokens.Of(infill.Task.Canvas, model.Tokenizer, written.Text[indent..], infill.Prompt.Healing?.Required.Length ?? 0, infill.Run.Signals!);
        return indent == 0 ? tokens : [.. tokens.Select(t => t with { End = t.End + indent })];
    }

    private static CompletionPlace Place(Infill infill) => CompletionPlace.Of(infill.Request, infill.Prompt.Tokens.Length + infill.Prompt.Suffix.Length, infill.Prompt.Healing is not null);

    /// <summary>The measured cost of a forward on this device.</summary>
    public RowCost Cost => resources.Cost;

    /// <summary>The n-gram cache over the open file; null: not requested, or the model has no weights for it.</summary>
    /// <param name="rewritten">Characters at the end of the prefix that are regenerated; they are left out, because the partial token would otherwise count as a continuation of the text before it.</param>
    /// <param name="first">A context length in tokens and the only tokens allowed right after it; null: any.</param>
    private NgramCachePrior? NgramCache(InfillRequest request, int rewritten, DecodeOptions options, Session session, (int, IReadOnlySet<int>)? first, Func<int, bool> ends)
    {
        if (!options.NgramCache || model.NgramCacheWeights is not { } weights) return null;
        return new NgramCachePrior(session.NgramIndex.Of(request with { Prefix = request.Prefix[..^rewritten] }), weights, ends, model.Tokenizer.Special.EndOfText) 
        {
            First = first,
            Workspace = Workspace(request, options),
        };
    }

    /// <summary>
    /// The request's workspace index; null: none, or built for another model. Blocks do not use it, since they gain nothing by it
    /// (docs/lab).
    /// </summary>
    private WorkspaceIndex? Workspace(InfillRequest request, DecodeOptions options) =>
        options.NgramCache && model.NgramCacheWeights is not null && request is { SingleLine: true, Workspace: { } index } && index.IsOf(model.Tokenizer) ? index : null;

    /// <summary>Maximum number of prompt tokens: a long hole shortens the prompt, down to a minimum for useful completions.</summary>
    private int PromptBudget(DecodeOptions options)
    {
        int least = Math.Min(LeastPrompt, model.Config.MaxPositions / 2);
        return Math.Min(promptTokens, Math.Max(least, model.Config.MaxPositions - options.Length));
    }

    /// <summary>The options with the hole limited to the positions that the prompt leaves.</summary>
    private DecodeOptions Shortened(DecodeOptions options, int taken) =>
        options with { Length = Math.Min(options.Length, Math.Max(1, model.Config.MaxPositions - taken)) };

    /// <param name="indent">Whitespace to prepend.</param>
    private WrittenText Written(Canvas canvas, InfillRequest request, AssembledPrompt prompt, string indent)
    {
        WrittenText written = WrittenText.Of(canvas, model.Tokenizer, request.SingleLine, prompt.Healing);
        return written.Text.Length == 0 ? written : written with { Text = indent + written.Text };
    }

    public void Dispose()
    {
        lengths.Dispose();
        resources.Dispose();
    }
}

/// <summary>A request being decoded.</summary>
internal sealed record Infill(InfillRequest Request, AssembledPrompt Prompt, DecodeTask Task, DecodeRun Run, Session Session)
{
    public required Timing Timing { get; init; }

    /// <summary>Milliseconds until the prompt was assembled.</summary>
    public double Tokenized { get; init; }

    /// <summary>Prompt tokens that were already in the K/V cache.</summary>
    public int Reused { get; init; }

    /// <summary>Forwards spent on probing the hole's length and indentation.</summary>
    public int Probes { get; init; }

    /// <summary>Whitespace that completes the indentation before the hole.</summary>
    public string Indent { get; init; } = "";
}

/// <summary>Records when the first forward ended, which also processes the prompt.</summary>
internal sealed class Timing(Stopwatch clock)
{
    public Stopwatch Clock => clock;

    /// <summary>Milliseconds; 0: not yet ended.</summary>
    public double First { get; private set; }

    public void Mark()
    {
        if (First == 0) First = clock.Elapsed.TotalMilliseconds;
    }
}
