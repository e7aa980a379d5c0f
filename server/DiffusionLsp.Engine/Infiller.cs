using System.Diagnostics;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Memory;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine;

/// <summary>
/// One request from text to text: prompt, canvas, decode loop, text. Keeps the scorer of each cache kind between
/// requests, so that a prompt that only grew costs only what is new. Runs on the device thread.
/// </summary>
internal sealed class Infiller(LoadedModel model, EngineOptions engine, int threads) : IDisposable
{
    private const int UsualHole = 256; // the rows of a large model are large: a cache gets room for longer holes when they come

    private const int LeastPrompt = 128; // tokens; with less, what is written has nothing to do with the file

    private readonly DecoderResources resources = new(model, engine.VerifierFolder, engine.ContextTokens, threads);
    private readonly RememberedFile file = new(model.Tokenizer);
    private readonly TextLookup lookup = new(model.Tokenizer);
    private readonly Dictionary<CacheKind, IKeepingScorer> scorers = [];
    private WindowScorer? windowed;
    private readonly HashSet<int> lineBreaks = [.. Enumerable.Range(0, model.Tokenizer.VocabularySize).Where(id => model.Tokenizer.BytesOf(id).Contains((byte)'\n'))];
    private readonly FilterStore filters = new(model.Folder);
    private readonly Tensor blocked = TokenProposer.Blocked(model.Config.VocabularySize, model.NeverText(), model.Compute.Device);
    private readonly HoleLength lengths = new(model);
    private readonly TokenHealing healer = new(model.Tokenizer);

    /// <param name="watch">Who looks on or takes part; null: nobody.</param>
    public InfillResult Infill(InfillRequest request, DecodeOptions options, DecodeWatch? watch, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        SpecialTokens special = model.Tokenizer.Special;
        Prompt laid = model.Description.Prompt.Build(new PromptBuilder(model.Tokenizer, PromptBudget(options)), request);
        (int[] prompt, int[] trailer) = laid;
        options = Shortened(options, prompt.Length + trailer.Length);
        // Before an empty prefix the prompt may end in the text of another file, which stays as it is.
        Healing? healing = healer.Plan(prompt) is { } found && request.Prefix.EndsWith(found.Text, StringComparison.Ordinal) ? found : null;
        if (healing is not null) prompt = prompt[..^1];
        string healed = healing?.Text ?? "";
        double tokenized = clock.Elapsed.TotalMilliseconds;

        IKeepingScorer scorer = ScorerFor(options, prompt.Length + trailer.Length);
        var timed = new RequestScorer(watch?.Scorer is { } wrap ? wrap(scorer) : scorer, clock, cancellation);
        int reused = Math.Min(scorer.Reusable(prompt), prompt.Length - 1);
        HolePlan plan = lengths.Plan(new Prompt(prompt, trailer), request, options, cancellation);
        var canvas = new Canvas(plan.Length, special.Mask);
        bool Ends(int id) => special.Ends(id) || (request.SingleLine && lineBreaks.Contains(id));
        var task = new DecodeTask(prompt, canvas, trailer, Ends)
        {
            Text = healing is null ? laid.Text : prompt, // there is no mark behind what can be healed
            Offset = plan.Offset,
            Guess = options.Cache is CacheKind.None ? HoleGuess.None : lookup.Guess(request, healed),
            Prior = Remembered(request, options, healing, prompt.Length, Ends),
        };
        var policies = new PolicyContext(task.Text, Ends, filters.For(options));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var steps = new RequestWatch(request, () => Written(canvas, request.SingleLine, healing).Text, clock, over, watch?.Observer);
        using HealedScorer? forced = healing is null ? null : new HealedScorer(timed, prompt.Length, healing.Allowed, model.Config.VocabularySize, model.Compute.Device);
        try
        {
            using var proposer = new TokenProposer(blocked, options.Temperature, options.Seed);
            using ExpandSetup? expanding = plan.Expands ? lengths.Expanding(options) : null;
            DecodeWatch all = (watch ?? new DecodeWatch(null)) with { Observer = steps };
            var context = new DecoderContext(options with { BlockLength = plan.BlockLength }, forced is null ? timed : forced, proposer, policies, all, resources) { Expanding = expanding };
            Decoders.Create(context).Fill(task, over.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The request's own watch ended it: the canvas holds the best so far.
        }
        lookup.Remember(request, canvas.Ids[..canvas.Committed], healed);

        var (text, reason, tokens) = Written(canvas, request.SingleLine, healing);
        double decoded = clock.Elapsed.TotalMilliseconds;
        return new InfillResult
        {
            Completion = text,
            StopReason = reason is StopReason.Budget && steps.IsEnough ? StopReason.Enough : reason,
            Forwards = timed.Forwards + plan.Forwards,
            Tokens = tokens,
            PromptTokens = prompt.Length + trailer.Length,
            CachedPromptTokens = reused,
            Notice = string.IsNullOrWhiteSpace(request.Suffix) ? null : model.Description.SuffixNotice,
            Timings = new InfillTimings(tokenized, timed.FirstEnded - tokenized, decoded - timed.FirstEnded),
        };
    }

    /// <summary>The file's memory, if it has a say.</summary>
    /// <param name="first">How many tokens stand before the first that is written.</param>
    private FilePrior? Remembered(InfillRequest request, DecodeOptions options, Healing? healing, int first, Func<int, bool> ends)
    {
        if (!options.FileMemory || model.MemoryWeights is not { } weights) return null;
        // Of the text before what is healed: in the whole text the broken token would follow what stands before it.
        InfillRequest known = healing is null ? request : request with { Prefix = request.Prefix[..^healing.Text.Length] };
        return new FilePrior(file.Of(known), weights, ends, model.Tokenizer.Special.EndOfText) { First = healing is null ? null : (first, healing.Allowed) };
    }

    /// <summary>Empties every cache.</summary>
    public void Forget()
    {
        foreach (IKeepingScorer scorer in scorers.Values) scorer.Forget();
        windowed?.Forget();
        lookup.Forget();
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

    /// <summary>The scorer of the cache that is asked for; a new one if there is none yet or it is too small.</summary>
    private IKeepingScorer ScorerFor(DecodeOptions options, int contextLength)
    {
        if (contextLength + options.Length > model.Config.MaxPositions)
            throw new EngineException($"A prompt of {contextLength} tokens and a hole of {options.Length} exceed the model's {model.Config.MaxPositions} positions; lower the length.");
        int capacity = Math.Min(model.Config.MaxPositions, engine.ContextTokens + Math.Max(options.Length, UsualHole));
        if (model.Config.Attention is AttentionKind.Full && options is { Decoder: "apd", Cache: not CacheKind.None })
            return Windowed(options, capacity);
        if (!scorers.TryGetValue(options.Cache, out IKeepingScorer? scorer) || scorer.Capacity < capacity)
        {
            if (scorers.Remove(options.Cache)) scorer?.Dispose();
            scorers[options.Cache] = scorer = CanvasScorers.Create(model.Transformer, options.Cache, capacity, threads);
        }
        if (scorer is BidirectionalScorer bidirectional) bidirectional.RefreshEvery = options.RefreshEvery;
        return scorer;
    }

    private WindowScorer Windowed(DecodeOptions options, int capacity)
    {
        if (windowed is null || windowed.Capacity < capacity)
        {
            windowed?.Dispose();
            windowed = new WindowScorer(model.Transformer, capacity, threads);
        }
        windowed.Window = options.ApdWindow;
        return windowed;
    }

    private (string Text, StopReason Reason, int Tokens) Written(Canvas canvas, bool singleLine, Healing? healing)
    {
        ReadOnlySpan<int> ids = canvas.Ids[..canvas.Committed]; // what stands behind a gap is not text yet
        int end = EndOf(ids);
        bool isCut = end < 0 && canvas.Committed < canvas.Length;
        int tokens = end < 0 ? ids.Length : end;
        string text = healing?.Rest(model.Tokenizer, ids[..tokens]) ?? model.Tokenizer.Decode(ids[..tokens]);
        if (isCut) text = text.TrimEnd('\uFFFD'); // a character whose last bytes are still masked
        if (singleLine && text.IndexOf('\n') is var line and >= 0) return (text[..line].TrimEnd('\r'), StopReason.EndOfLine, tokens);
        return (text, isCut ? StopReason.Budget : end < 0 ? StopReason.Length : StopReason.EndOfText, tokens);
    }

    /// <summary>The first position that ends the text; negative: none does.</summary>
    private int EndOf(ReadOnlySpan<int> ids)
    {
        SpecialTokens special = model.Tokenizer.Special;
        return ids.IndexOfAny(special.EndOfText, special.TurnEnd ?? special.EndOfText);
    }

    public void Dispose()
    {
        lengths.Dispose();
        resources.Dispose();
        windowed?.Dispose();
        foreach (IKeepingScorer scorer in scorers.Values) scorer.Dispose();
        blocked.Dispose();
    }

    /// <summary>The scorer during one request: notes when the first forward, the one that also reads the prompt, has ended, and lets a cancelled request end in the middle of one.</summary>
    private sealed class RequestScorer(ICanvasScorer inner, Stopwatch clock, CancellationToken cancellation) : ICanvasScorer
    {
        private readonly int before = inner.Forwards;

        public int Forwards => inner.Forwards - before;
        public double FirstEnded { get; private set; }

        public Tensor Score(ReadOnlySpan<int> sequence, ScoreWindow window)
        {
            var logits = inner.Score(sequence, window with { Cancellation = cancellation });
            if (FirstEnded == 0) FirstEnded = clock.Elapsed.TotalMilliseconds;
            return logits;
        }
    }
}
