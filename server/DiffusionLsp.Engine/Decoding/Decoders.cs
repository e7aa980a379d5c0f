using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The table of decoders: every commit policy in the decode loop, and those that work in another way.</summary>
public static class Decoders
{
    private static readonly Dictionary<string, Func<DecoderContext, IDecoder>> Table = new(StringComparer.Ordinal)
    {
        // Drafts write what the autoregressive reading writes, in fewer forwards; other models have no such reading.
        ["auto"] = context => Create(context with { Options = context.Options with { Decoder = context.Resources.Model.Config.IsCausallyReadable ? "draft" : "threshold" } }),
        // The autoregressive reading: a first masked position is scored by the clean row before it.
        ["autoregressive"] = context => Loop(context, new VanillaPolicy(), blockLength: 1),
        ["apd"] = context => new AdaptiveDecoder(context.Scorer, Verifiers.Create(context), context.Proposer, context.Options, context.Watch?.Observer),
        ["draft"] = context => new DraftDecoder(context.CausalScorer, context.Proposer, EndOfTextRules.Create(context.Options), context.Resources.Drafts, context.Watch?.Observer),
    };

    /// <summary>Names that <see cref="DecodeOptions.Decoder"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. CommitPolicies.Names, .. Table.Keys];

    /// <summary>The decoder that the options name, for one decode.</summary>
    /// <exception cref="EngineException">The model at hand cannot be decoded in this way.</exception>
    internal static IDecoder Create(DecoderContext context) =>
        context.Expanding is { } expanding ? new ExpandDecoder(context.Scorer, expanding, context.Watch?.Observer)
        : Table.TryGetValue(context.Options.Decoder, out var create) ? create(context)
        : Loop(context, CommitPolicies.Create(context.Options, context.Policies), context.Options.BlockLength);

    private static DecodeLoop Loop(DecoderContext context, ICommitPolicy policy, int blockLength)
    {
        if (context.Watch?.Policy is { } other) policy = other(policy, context.Policies);
        return new DecodeLoop(context.Scorer, context.Proposer, policy, EndOfTextRules.Create(context.Options), blockLength, context.Watch?.Observer);
    }
}

/// <summary>What a decoder is made from.</summary>
/// <param name="Scorer">Scores the canvas.</param>
/// <param name="Proposer">Turns scores into proposals.</param>
/// <param name="Policies">What commit policies may know of the decode.</param>
/// <param name="Watch">Who looks on or takes part; null: nobody.</param>
/// <param name="Resources">What outlives the decode.</param>
internal sealed record DecoderContext(DecodeOptions Options, ICanvasScorer Scorer, TokenProposer Proposer, PolicyContext Policies, DecodeWatch? Watch,
    DecoderResources Resources)
{
    /// <summary>Set when the model itself changes the hole's length, whatever the decoder's name; null: it does not.</summary>
    public ExpandSetup? Expanding { get; init; }

    /// <summary>The scorer, if its model can be read causally as well.</summary>
    /// <exception cref="EngineException">It cannot.</exception>
    public ICanvasScorer CausalScorer => Resources.Model.Config.IsCausallyReadable
        ? Scorer
        : throw new EngineException($"The decoder {Options.Decoder} reads the model's weights from left to right, which only block-causal models with shifted logits learn; choose the decoder threshold, or for apd another verifier.");
}
