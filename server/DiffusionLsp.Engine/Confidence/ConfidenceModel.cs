using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Confidence;

/// <summary>
/// Estimates from the decode's signals the probability that a token is right if everything before it is; the product of these is
/// the probability that the text up to a token is what the user would write. Like Learn2PD's filter, it is a small network over
/// signals that cost nothing extra, but it answers a different question. Calibrated on completions in packages that the network
/// was not fitted to.
/// </summary>
/// <param name="Model">Fingerprint of the weights whose completions it was fitted to; empty: any.</param>
/// <param name="Network">Predicts one logit per token; null: the model's own probabilities are used.</param>
/// <param name="Calibration">Turns the logit of the product into a probability.</param>
/// <param name="Thresholds">Recommended display thresholds for these probabilities.</param>
internal sealed record ConfidenceModel(string Model, FilterNetwork? Network, Calibration Calibration, ConfidenceThresholds Thresholds)
{
    private const double Smallest = 1e-6;

    /// <summary>Uses the model's own probabilities, for weights without a confidence file.</summary>
    public static ConfidenceModel Own { get; } = new("", null, Calibration.Identity, ConfidenceThresholds.Default);

    /// <summary>The calibrated probability at the end of each token; never increasing.</summary>
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

    /// <summary>The uncalibrated running product, per token.</summary>
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
