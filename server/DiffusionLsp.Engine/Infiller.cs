using System.Diagnostics;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Memory;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Decoding.Stopping;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>Makes a decode of a request and a result of the decode: prompt, canvas, decoder; then text. Runs on the device thread.</summary>
internal sealed class Infiller(LoadedModel model, EngineOptions engine, int threads) : IDisposable
{
    private const int LeastPrompt = 128; // tokens; with less, what is written has nothing to do with the file

    private readonly TokenHealing healer = new(model.Tokenizer);
    private readonly HoleLength lengths = new(model);
    private readonly FilterStore filters = new(model.Folder);
    private readonly DecoderResources resources = new(model, engine.VerifierFolder, engine.ContextTokens, threads);
    private readonly HashSet<int> lineBreaks = [.. Enumerable.Range(0, model.Tokenizer.VocabularySize).Where(id => model.Tokenizer.BytesOf(id).Contains((byte)'\n'))];

    /// <summary>Begins a decode.</summary>
    /// <param name="session">The requester's, rented until <see cref="Finish"/>.</param>
    /// <param name="watch">Who looks on or takes part; null: nobody.</param>
    /// <exception cref="EngineException">The request does not fit the model.</exception>
    public Infill Begin(InfillRequest request, DecodeOptions options, Session session, DecodeWatch? watch, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        AssembledPrompt prompt = AssembledPrompt.Of(request, model.Description, new PromptBuilder(model.Tokenizer, PromptBudget(options)), healer);
        options = Shortened(options, prompt.Tokens.Length + prompt.Suffix.Length);
        double tokenized = clock.Elapsed.TotalMilliseconds;

        RowScorer own = session.ScorerFor(options);
        ICanvasScorer scorer = watch?.Scorer is { } wrap ? wrap(own) : own;
        int reused = Math.Min(own.CachedPrefixLength(prompt.Tokens), prompt.Tokens.Length - 1);
        HolePlan plan = lengths.Plan(new Prompt(prompt.Tokens, prompt.Suffix), request, options, cancellation);
        SpecialTokens special = model.Tokenizer.Special;
        bool Ends(int id) => special.Ends(id) || (request.SingleLine && lineBreaks.Contains(id));
        var task = new DecodeTask(prompt.Tokens, new Canvas(plan.Length, special.Mask), prompt.Suffix, Ends)
        {
            Text = prompt.Text,
            Offset = plan.Offset,
            Guess = options.Cache is CacheKind.None ? HoleGuess.None : session.Lookup.Guess(request, prompt.Healed),
        };
        var context = new DecoderContext(task, options with { BlockLength = plan.BlockLength }, scorer, new PolicyContext(task.Text, Ends, filters.For(options)), session.Ngrams, resources)
        {
            Expanding = plan.Expands ? new ExpandSetup(special.Expand!.Value, special.EndOfText, options.Length) : null,
            OtherPolicy = watch?.Policy,
        };
        if (options.Decoder == "apd" && context.Expanding is null) context = context with { Verifier = Verifiers.Create(context) };
        var timing = new Timing(clock);
        var run = new DecodeRun(Decoders.Create(context), task.Canvas, scorer)
        {
            Verifier = context.Verifier,
            Temperature = options.Temperature,
            Seed = options.Seed,
            Processors = LogitsProcessors.For(new ProcessorContext(task, prompt.Healing?.Allowed, NgramCache(request, options, session, prompt, Ends), model.Config.VocabularySize, model.Compute.Device)),
            Criteria = StoppingCriteria.For(new StoppingContext(request, () => Written(task.Canvas, request, prompt).Text, clock,
                request.SingleLine && !EndOfTextRules.Create(options).KeepsCanvas ? (Func<int, bool>)lineBreaks.Contains : null)),
            Observer = watch?.Observer,
            Cancellation = cancellation,
            Scored = timing.Mark,
        };
        return new Infill(request, prompt, task, run, session) { Timing = timing, Tokenized = tokenized, Reused = reused, Probes = plan.Forwards };
    }

    /// <summary>The result of a decode that has ended. What was written is remembered for the session's next requests.</summary>
    public InfillResult Finish(Infill infill)
    {
        (InfillRequest request, AssembledPrompt prompt, DecodeTask task, DecodeRun run, Session session) = infill;
        session.Lookup.Remember(request, task.Canvas.Ids[..task.Canvas.Committed], prompt.Healed);
        WrittenText written = Written(task.Canvas, request, prompt);
        double decoded = infill.Timing.Clock.Elapsed.TotalMilliseconds;
        return new InfillResult
        {
            Completion = written.Text,
            StopReason = written.Reason is StopReason.Budget && run.Met is EnoughText ? StopReason.Enough : written.Reason,
            Forwards = run.Forwards + infill.Probes,
            Tokens = written.Tokens,
            PromptTokens = prompt.Tokens.Length + prompt.Suffix.Length,
            CachedPromptTokens = infill.Reused,
            Notice = string.IsNullOrWhiteSpace(request.Suffix) ? null : model.Description.SuffixNotice,
            Timings = new InfillTimings(infill.Tokenized, infill.Timing.First - infill.Tokenized, decoded - infill.Timing.First),
        };
    }

    /// <summary>What a forward costs on this device.</summary>
    public RowCost Cost => resources.Cost;

    /// <summary>The n-gram cache over the open file; null: not asked for, or the model has no weights for it.</summary>
    private FilePrior? NgramCache(InfillRequest request, DecodeOptions options, Session session, AssembledPrompt prompt, Func<int, bool> ends)
    {
        if (!options.FileMemory || model.MemoryWeights is not { } weights) return null;
        // Of the text before what is healed: in the whole text the broken token would follow what stands before it.
        InfillRequest known = prompt.Healing is null ? request : request with { Prefix = request.Prefix[..^prompt.Healed.Length] };
        return new FilePrior(session.File.Of(known), weights, ends, model.Tokenizer.Special.EndOfText) { First = prompt.Healing is null ? null : (prompt.Tokens.Length, prompt.Healing.Allowed) };
    }

    /// <summary>Tokens that the prompt may have: it gives way to a long hole, down to what a hole needs to be filled with sense.</summary>
    private int PromptBudget(DecodeOptions options)
    {
        int least = Math.Min(LeastPrompt, model.Config.MaxPositions / 2);
        return Math.Min(engine.ContextTokens, Math.Max(least, model.Config.MaxPositions - options.Length));
    }

    /// <summary>The hole as long as the positions that the prompt leaves.</summary>
    private DecodeOptions Shortened(DecodeOptions options, int taken) =>
        options with { Length = Math.Min(options.Length, Math.Max(1, model.Config.MaxPositions - taken)) };

    private WrittenText Written(Canvas canvas, InfillRequest request, AssembledPrompt prompt) => WrittenText.Of(canvas, model.Tokenizer, request.SingleLine, prompt.Healing);

    public void Dispose()
    {
        lengths.Dispose();
        resources.Dispose();
    }
}

/// <summary>A request that is being decoded.</summary>
internal sealed record Infill(InfillRequest Request, AssembledPrompt Prompt, DecodeTask Task, DecodeRun Run, Session Session)
{
    public required Timing Timing { get; init; }

    /// <summary>Milliseconds until the prompt was laid out.</summary>
    public double Tokenized { get; init; }

    /// <summary>Prompt tokens whose keys and values were there already.</summary>
    public int Reused { get; init; }

    /// <summary>Forwards that were spent on finding the hole's length.</summary>
    public int Probes { get; init; }
}

/// <summary>Notes when the first forward, the one that also reads the prompt, has ended.</summary>
internal sealed class Timing(Stopwatch clock)
{
    public Stopwatch Clock => clock;

    /// <summary>Milliseconds; 0: not yet.</summary>
    public double First { get; private set; }

    public void Mark()
    {
        if (First == 0) First = clock.Elapsed.TotalMilliseconds;
    }
}
