namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>A trained commit filter: its network, and what it may be used with.</summary>
/// <param name="Kind">The kind of its inputs.</param>
/// <param name="Model">Fingerprint of the weights whose proposals it was trained on (<see cref="Models.Weights.ModelFingerprint"/>).</param>
/// <param name="BlockLength">Positions per block in its training data; a published filter fits only this length.</param>
/// <param name="FeatureVersion">Version of the features; 0 for the published ones.</param>
/// <param name="Threshold">The τ chosen on held-out trajectories.</param>
/// <param name="Calibration">Turns a logit into a probability.</param>
/// <param name="Network">Predicts the logits.</param>
internal sealed record CommitFilter(FilterKind Kind, string Model, int BlockLength, int FeatureVersion, double Threshold, Calibration Calibration, FilterNetwork Network)
{
    /// <summary>The probability that the proposal is right.</summary>
    public double Probability(float logit) => Calibration.Probability(logit);

    /// <summary>Why the filter cannot be used in this way, as a clause; null: it can.</summary>
    /// <param name="model">The loaded model's fingerprint.</param>
    public string? Mismatch(FilterKind kind, string model, int blockLength)
    {
        if (Kind != kind) return $"is of kind {FilterFile.Name(Kind)}, but the decoder needs {FilterFile.Name(kind)}";
        if (Model != model) return "was trained for other weights than the loaded model's";
        if (Kind is FilterKind.Published && BlockLength != blockLength) return $"was trained for blocks of {BlockLength}, but the block length is {blockLength}";
        return null;
    }
}

/// <summary>A filter's inputs.</summary>
internal enum FilterKind
{
    /// <summary>The block's confidences, one output per position (Learn2PD).</summary>
    Published,
    /// <summary>Features of one position, one output; any block length.</summary>
    Position,
}

/// <summary>Platt scaling: probability = σ(scale · logit + offset). Scale 1 and offset 0 leave the logit unchanged.</summary>
internal readonly record struct Calibration(double Scale, double Offset)
{
    public static Calibration Identity { get; } = new(1, 0);

    public double Probability(double logit) => 1 / (1 + Math.Exp(-(Scale * logit + Offset)));
}
