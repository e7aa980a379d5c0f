using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The table of decoders: the decode loop with every commit policy, and those that work differently.</summary>
public static class Decoders
{
    internal static IReadOnlyList<DecoderRow> Rows { get; } =
    [
        .. CommitPolicies.Rows.Select(policy => new DecoderRow(policy.Name, policy.Knobs, context => Loop(context, policy.Create(context.Options, context.Policies), context.BlockLength)) { Filter = policy.Filter }),
        // Drafting produces the autoregressive output in fewer forwards; models that are not causally readable have no such output.
        new("auto", [], context => Create(context with { Options = context.Options with { Decoder = context.Resources.Model.Config.IsCausallyReadable ? "draft" : "threshold" } })),
        // In the autoregressive reading, a first masked position is scored by the clean row before it.
        new("autoregressive", [], context => Loop(context, new VanillaPolicy(), blockLength: 1)),
        new("apd", AdaptiveDecoder.Knobs, context => new AdaptiveDecoder(context.Task, context.Verifier!.ReadsText, context.Options)) { NeedsVerifier = true, Window = AdaptiveDecoder.Window },
        new("draft", [], context => new DraftDecoder(context.RequireCausal().Task, EndOfTextRules.Create(context.Options), context.Resources.Drafts, context.Ngrams, context.Workspace)),
    ];

    /// <summary>Names that <see cref="DecodeOptions.Decoder"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Rows.Select(row => row.Name)];

    /// <summary>The row of the decoder named in the options.</summary>
    internal static DecoderRow RowOf(DecodeOptions options) => Rows.First(row => row.Name == options.Decoder);

    /// <summary>Creates the decoder named in the options, for one decode.</summary>
    /// <exception cref="EngineException">The model does not support this decoder.</exception>
    internal static IDecoder Create(DecoderContext context) =>
        context.Expanding is { } expanding ? new ExpandDecoder(context.Task, expanding) : RowOf(context.Options).Create(context);

    /// <summary>A decoder of the first position only, which fills no canvas and is therefore not an option.</summary>
    internal static FirstPosition First(DecodeTask task, int blockLength) => new(task, blockLength);

    private static DecodeLoop Loop(DecoderContext context, ICommitPolicy policy, int blockLength) =>
        new(context.Task, context.OtherPolicy?.Invoke(policy, context.Policies) ?? policy, EndOfTextRules.Create(context.Options), blockLength);
}

/// <summary>One decoder.</summary>
/// <param name="Knobs">The options that only this decoder reads.</param>
internal sealed record DecoderRow(string Name, IReadOnlyList<Knob> Knobs, Func<DecoderContext, IDecoder> Create)
{
    /// <summary>The kind of commit filter that its context must contain; null: none.</summary>
    public FilterKind? Filter { get; init; }

    /// <summary>Whether its context must contain an autoregressive verifier.</summary>
    public bool NeedsVerifier { get; init; }

    /// <summary>How many committed tokens a cached bidirectional model recomputes with each draft; null: it decodes by blocks.</summary>
    public Knob<int>? Window { get; init; }
}

/// <summary>What a decoder is created from.</summary>
/// <param name="Scorer">Scores the canvas.</param>
/// <param name="Policies">What commit policies may know of the decode.</param>
/// <param name="Ngrams">N-gram counts of the text around the hole.</param>
/// <param name="Resources">What outlives the decode.</param>
internal sealed record DecoderContext(DecodeTask Task, DecodeOptions Options, ICanvasScorer Scorer, PolicyContext Policies, NgramModel Ngrams, DecoderResources Resources)
{
    /// <summary>Positions decoded together: the options' block length, unless the model prescribes its own.</summary>
    public int BlockLength { get; init; } = Options.BlockLength;

    /// <summary>Index of other files to draft from; null: none.</summary>
    public WorkspaceIndex? Workspace { get; init; }

    /// <summary>Set if the model itself changes the hole's length, whichever decoder is named; null: it does not.</summary>
    public ExpandSetup? Expanding { get; init; }

    /// <summary>The autoregressive verifier; null: the decoder needs none.</summary>
    public IAutoregressiveScorer? Verifier { get; init; }

    /// <summary>Maps the options' policy and its context to the one to use; null: unchanged. Used by the trainer.</summary>
    public Func<ICommitPolicy, PolicyContext, ICommitPolicy>? OtherPolicy { get; init; }

    /// <summary>The scorer, if its model can also be read causally.</summary>
    /// <exception cref="EngineException">It cannot.</exception>
    public ICanvasScorer CausalScorer => RequireCausal().Scorer;

    /// <exception cref="EngineException">The model cannot be read causally.</exception>
    public DecoderContext RequireCausal() => Resources.Model.Config.IsCausallyReadable
        ? this
        : throw new EngineException($"The decoder {Options.Decoder} reads the model from left to right, which only block-causal models with shifted logits support; choose the threshold decoder, or another verifier for apd.");
}
