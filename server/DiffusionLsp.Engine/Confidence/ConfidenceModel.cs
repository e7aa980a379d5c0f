using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Confidence;

/// <summary>
/// The probability that a token is right if everything before it is, from the signals of the decode; their product is the
/// probability that the text up to a token is what its user would write. Learn2PD's idea, a small filter over free signals,
/// asked another question. Calibrated on completions of packages that the network was not fitted to.
/// </summary>
/// <param name="Model">Fingerprint of the weights that wrote what it was fitted to; empty: any.</param>
/// <param name="Network">One logit per token; null: the model's own probabilities stand for it.</param>
/// <param name="Calibration">Makes a probability of the logit of the product.</param>
internal sealed record ConfidenceModel(string Model, FilterNetwork? Network, Calibration Calibration, ConfidenceThresholds Thresholds)
{
    private const double Smallest = 1e-6;

    /// <summary>The model's own probabilities: for weights that come without a file.</summary>
    public static ConfidenceModel Own { get; } = new("", null, Calibration.Identity, ConfidenceThresholds.Default);

    /// <summary>The curve of a completion.</summary>
    public SuggestionConfidence Of(IReadOnlyList<WrittenToken> tokens, CompletionPlace place)
    {
        double[] products = Products(tokens, place);
        var curve = new TokenConfidence[products.Length];
        double last = 1;
        for (int i = 0; i < curve.Length; i++)
        {
            last = Math.Min(last, Network is null ? products[i] : Calibration.Probability(Logit(products[i])));
            curve[i] = new TokenConfidence(tokens[i].End, last);
        }
        return new SuggestionConfidence(curve, Thresholds);
    }

    /// <summary>By token the product so far, not calibrated.</summary>
    public double[] Products(IReadOnlyList<WrittenToken> tokens, CompletionPlace place)
    {
        float[][] rows = Network is null ? [] : ConfidenceFeatures.Of(tokens, place);
        var products = new double[tokens.Count];
        double product = 1;
        for (int i = 0; i < products.Length; i++)
            products[i] = product *= Network is { } network ? Calibration.Identity.Probability(network.Apply(rows[i])[0]) : tokens[i].Signals.Probability;
        return products;
    }

    /// <summary>ln(p ÷ (1 − p)), finite.</summary>
    public static double Logit(double probability)
    {
        double p = Math.Clamp(probability, Smallest, 1 - Smallest);
        return Math.Log(p / (1 - p));
    }
}
