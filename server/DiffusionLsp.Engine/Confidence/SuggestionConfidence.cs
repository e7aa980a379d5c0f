namespace DiffusionLsp.Engine.Confidence;

/// <summary>The probability that a completion is what the user would write, up to the end of each token.</summary>
/// <param name="Tokens">In order; the probabilities never increase.</param>
/// <param name="Thresholds">Recommended display thresholds for these probabilities.</param>
public sealed record SuggestionConfidence(IReadOnlyList<TokenConfidence> Tokens, ConfidenceThresholds Thresholds)
{
    /// <summary>No estimate: everything counts as certain.</summary>
    public static SuggestionConfidence None { get; } = new([], ConfidenceThresholds.Default);

    /// <summary>The probability that the whole completion is right; 1 without an estimate.</summary>
    public double Whole => Tokens.Count == 0 ? 1 : Tokens[^1].Probability;

    /// <summary>The probability that the first <paramref name="length"/> UTF-16 code units are right; 1 without an estimate.</summary>
    public double At(int length)
    {
        double last = 1;
        foreach (TokenConfidence token in Tokens)
        {
            last = token.Probability;
            if (token.End >= length) break;
        }
        return last;
    }

    /// <summary>The estimate for the rest, given that the first <paramref name="typed"/> UTF-16 code units were right.</summary>
    public SuggestionConfidence After(int typed)
    {
        if (typed == 0) return this;
        double known = 1;
        foreach (TokenConfidence token in Tokens)
            if (token.End <= typed) known = token.Probability;
        return this with { Tokens = [.. Tokens.Where(t => t.End > typed).Select(t => new TokenConfidence(t.End - typed, known > 0 ? Math.Min(1, t.Probability / known) : 0))] };
    }
}

/// <summary>The probability that a completion is right up to the end of a token.</summary>
/// <param name="End">End of the token in the completion, in UTF-16 code units.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct TokenConfidence(int End, double Probability);

/// <summary>The probability from which text is shown, for each display setting; chosen from a measured curve.</summary>
public sealed record ConfidenceThresholds(double Eager, double Balanced, double Quiet)
{
    /// <summary>For models whose probabilities have not been measured.</summary>
    public static ConfidenceThresholds Default { get; } = new(0.25, 0.45, 0.7);
}
