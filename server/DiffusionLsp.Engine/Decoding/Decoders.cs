using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The table of decoders: every commit policy in the decode loop, and those that work in another way.</summary>
public static class Decoders
{
    internal static IReadOnlyList<DecoderRow> Rows { get; } =
    [
        .. CommitPolicies.Rows.Select(policy => new DecoderRow(policy.Name, policy.Knobs, context => Loop(context, policy.Create(context.Options, context.Policies), context.BlockLength)) { Filter = policy.Filter }),
        // Drafts write what the autoregressive reading writes, in fewer forwards; other models have no such reading.
        new("auto", [], context => Create(context with { Options = context.Options with { Decoder = context.Resources.Model.Config.IsCausallyReadable ? "draft" : "threshold" } })),
        // The autoregressive reading: a first masked position is scored by the clean row before it.
        new("autoregressive", [], context => Loop(context, new VanillaPolicy(), blockLength: 1)),
        new("apd", AdaptiveDecoder.Knobs, context => new AdaptiveDecoder(context.Task, context.Verifier!.ReadsText, context.Options)) { NeedsVerifier = true, Window = AdaptiveDecoder.Window },
        new("draft", [], context => new DraftDecoder(context.RequireCausal().Task, EndOfTextRules.Create(context.Options), context.Resources.Drafts, context.Ngrams, context.Workspace)),
    ];

    /// <summary>Names that <see cref="DecodeOptions.Decoder"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Rows.Select(row => row.Name)];

    /// <summary>The row of the decoder that the options name.</summary>
    internal static DecoderRow RowOf(DecodeOptions options) => Rows.First(row => row.Name == options.Decoder);

    /// <summary>The decoder that the options name, for one decode.</summary>
    /// <exception cref="EngineException">The model at hand cannot be decoded in this way.</exception>
    internal static IDecoder Create(DecoderContext context) =>
        context.Expanding is { } expanding ? new ExpandDecoder(context.Task, expanding) : RowOf(context.Options).Create(context);

    /// <summary>The question for the first position alone, which fills no canvas and so is no option.</summary>
    internal static FirstPosition First(DecodeTask task, int blockLength) => new(task, blockLength);

    private static DecodeLoop Loop(DecoderContext context, ICommitPolicy policy, int blockLength) =>
        new(context.Task, context.OtherPolicy?.Invoke(policy, context.Policies) ?? policy, EndOfTextRules.Create(context.Options), blockLength);
}

/// <summary>A decoder that can be chosen.</summary>
/// <param name="Knobs">What it reads of the options and others do not.</param>
internal sealed record DecoderRow(string Name, IReadOnlyList<Knob> Knobs, Func<DecoderContext, IDecoder> Create)
{
    /// <summary>The kind of filter that its context must hold; null: none.</summary>
    public FilterKind? Filter { get; init; }

    /// <summary>Whether its context must hold an autoregressive side.</summary>
    public bool NeedsVerifier { get; init; }

    /// <summary>How many committed tokens a cached bidirectional model computes again with each draft; null: its decodes go by blocks.</summary>
    public Knob<int>? Window { get; init; }
}

/// <summary>What a decoder is made from.</summary>
/// <param name="Scorer">Scores the canvas.</param>
/// <param name="Policies">What commit policies may know of the decode.</param>
/// <param name="Ngrams">Counts of the text around the hole.</param>
/// <param name="Resources">What outlives the decode.</param>
internal sealed record DecoderContext(DecodeTask Task, DecodeOptions Options, ICanvasScorer Scorer, PolicyContext Policies, NgramModel Ngrams, DecoderResources Resources)
{
    /// <summary>Positions that are decoded together: the options' block length, if the model leaves that open.</summary>
    public int BlockLength { get; init; } = Options.BlockLength;

    /// <summary>Other files to draft from; null: none.</summary>
    public WorkspaceIndex? Workspace { get; init; }

    /// <summary>Set when the model itself changes the hole's length, whatever the decoder's name; null: it does not.</summary>
    public ExpandSetup? Expanding { get; init; }

    /// <summary>The autoregressive side; null: the decoder's row needs none.</summary>
    public IAutoregressiveScorer? Verifier { get; init; }

    /// <summary>Given the options' own policy and its context, the one to use; null: the own one. The trainer's.</summary>
    public Func<ICommitPolicy, PolicyContext, ICommitPolicy>? OtherPolicy { get; init; }

    /// <summary>The scorer, if its model can be read causally as well.</summary>
    /// <exception cref="EngineException">It cannot.</exception>
    public ICanvasScorer CausalScorer => RequireCausal().Scorer;

    /// <exception cref="EngineException">The model cannot be read from left to right.</exception>
    public DecoderContext RequireCausal() => Resources.Model.Config.IsCausallyReadable
        ? this
        : throw new EngineException($"The decoder {Options.Decoder} reads the model's weights from left to right, which only block-causal models with shifted logits learn; choose the decoder threshold, or for apd another verifier.");
}
