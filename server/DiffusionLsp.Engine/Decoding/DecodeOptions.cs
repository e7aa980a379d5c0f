using System.ComponentModel.DataAnnotations;
using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Lengths;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>The knobs of one decode. Defaults suit the embedded model on a CPU.</summary>
public sealed record DecodeOptions
{
    /// <summary>Name of the decoder; <see cref="Decoders.Names"/> lists them.</summary>
    public string Decoder { get; init; } = "auto";

    /// <summary>Which computations are reused between steps and requests.</summary>
    public CacheKind Cache { get; init; } = CacheKind.Prefix;

    /// <summary>
    /// For bidirectional models with a cache: every how many blocks everything is computed again, requests counted
    /// together. 1: each block, as published; above, what did not change is carried over, which is faster while typing
    /// and only nearly right. Exact caches ignore it. 1 to 64.
    /// </summary>
    [Range(1, 64)]
    public int RefreshEvery { get; init; } = 1;

    /// <summary>Masks that are decoded together (semi-autoregressive blocks). 1 to 256.</summary>
    [Range(1, 256)]
    public int BlockLength { get; init; } = 8;

    /// <summary>How the length of a hole between two texts is found; <see cref="LengthPolicies.Names"/> lists the ways. "auto": the model's own.</summary>
    public string LengthPolicy { get; init; } = LengthPolicies.Auto;

    /// <summary>Most tokens written into the hole. 1 to 4,096.</summary>
    [Range(1, 4096)]
    public int Length { get; init; } = 64;

    /// <summary>Confidence at which the threshold, anchored and stable policies commit. 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double Threshold { get; init; } = 0.9;

    /// <summary>Filter file of the learn2pd and filter policies; null: the one that ships with the model.</summary>
    public string? Filter { get; init; }

    /// <summary>τ, the probability above which a filter's policy commits; null: what the filter recommends. 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double? FilterThreshold { get; init; }

    /// <summary>f of the factor policy: how improbable the whole step may be. 0 to 16.</summary>
    [Range(0.0, 16.0)]
    public double Factor { get; init; } = 1;

    /// <summary>γ of the entropy-bound policy, in nats. 0 to 16.</summary>
    [Range(0.0, 16.0)]
    public double EntropyBound { get; init; } = 0.1;

    /// <summary>Tokens per step of the fixed-count policy. 1 to 256.</summary>
    [Range(1, 256)]
    public int TokensPerStep { get; init; } = 2;

    /// <summary>R of adaptive parallel decoding: the diffusion model's share in the target p_D^R · p_AR^(1−R). 0 (only what the verifier writes) to 1 (the whole draft).</summary>
    [Range(0.0, 1.0)]
    public double ApdWeight { get; init; } = 0.7;

    /// <summary>M of adaptive parallel decoding: masks drafted at once. 1 to 1,024.</summary>
    [Range(1, 1024)]
    public int ApdLookahead { get; init; } = 8;

    /// <summary>
    /// W of adaptive parallel decoding: how many committed tokens before the newest ones are computed again with each
    /// draft, in bidirectional models with a cache. A block-causal cache is exact, so there nothing is computed again. 1 to 4,096.
    /// </summary>
    [Range(1, 4096)]
    public int ApdWindow { get; init; } = 16;

    /// <summary>How adaptive parallel decoding draws from its target.</summary>
    public ApdMode ApdMode { get; init; } = ApdMode.Coupled;

    /// <summary>Name of the autoregressive side of adaptive parallel decoding; <see cref="Verifiers.Names"/> lists them.</summary>
    public string ApdVerifier { get; init; } = "same";

    /// <summary>Name of the rule that gives up the rest of the canvas; <see cref="EndOfTextRules.Names"/> lists them.</summary>
    public string EndOfText { get; init; } = "confident";

    /// <summary>Confidence at which a predicted end of the text cuts the canvas although it is not committed. 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double EndOfTextFloor { get; init; } = 0.9;

    /// <summary>Whether the file's own earlier text has a say in the next token, where the model comes with weights for it.</summary>
    public bool FileMemory { get; init; } = true;

    /// <summary>0: always the most probable token; above: sampling. 0 to 2.</summary>
    [Range(0.0, 2.0)]
    public double Temperature { get; init; }

    /// <summary>Seed of everything random. Decoding at temperature 0 uses none of it.</summary>
    public int Seed { get; init; }

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentException">A value is out of range or the decoder is unknown; the message says which and what is allowed.</exception>
    public DecodeOptions Validated()
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(this, new ValidationContext(this), problems, validateAllProperties: true))
            throw new ArgumentException(problems[0].ErrorMessage);
        if (!Decoders.Names.Contains(Decoder))
            throw new ArgumentException($"There is no decoder '{Decoder}'; use one of {string.Join(", ", Decoders.Names)}.");
        if (!Verifiers.Names.Contains(ApdVerifier))
            throw new ArgumentException($"There is no verifier '{ApdVerifier}'; use one of {string.Join(", ", Verifiers.Names)}.");
        if (!LengthPolicies.Names.Contains(LengthPolicy))
            throw new ArgumentException($"There is no length policy '{LengthPolicy}'; use one of {string.Join(", ", LengthPolicies.Names)}.");
        if (!EndOfTextRules.Names.Contains(EndOfText))
            throw new ArgumentException($"There is no end-of-text rule '{EndOfText}'; use one of {string.Join(", ", EndOfTextRules.Names)}.");
        return this;
    }
}

/// <summary>How adaptive parallel decoding draws from its target.</summary>
public enum ApdMode
{
    /// <summary>With the Gumbel noise that drew the draft, as in the paper.</summary>
    Coupled,
    /// <summary>The most probable token, as in the released code.</summary>
    Greedy,
}

/// <summary>What is kept instead of being computed again.</summary>
public enum CacheKind
{
    /// <summary>Nothing: every step runs over the whole prompt and canvas; block-causal models leave out what is behind the block unless nothing is ever cut.</summary>
    None,
    /// <summary>
    /// K/V of everything before the current block. Exact for block-causal models; in bidirectional ones the context's
    /// K/V are as old as the block's first step, which changes little.
    /// </summary>
    Prefix,
    /// <summary>K/V of everything but the current block: cheaper still where much follows it (bidirectional models only; equals Prefix for block-causal ones).</summary>
    Dual,
}
