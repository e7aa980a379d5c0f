namespace DiffusionLsp.Engine.Confidence;

/// <summary>How probable it is that a completion is what its user would write, up to the end of each token.</summary>
/// <param name="Tokens">In order; the probabilities never rise.</param>
/// <param name="Thresholds">Which probabilities make a suggestion worth showing.</param>
public sealed record SuggestionConfidence(IReadOnlyList<TokenConfidence> Tokens, ConfidenceThresholds Thresholds)
{
    /// <summary>Nothing is known, so everything counts as certain.</summary>
    public static SuggestionConfidence None { get; } = new([], ConfidenceThresholds.Default);

    /// <summary>That all of it is right; 1 where nothing is known.</summary>
    public double Whole => Tokens.Count == 0 ? 1 : Tokens[^1].Probability;

    /// <summary>That a beginning of it is right, in UTF-16 code units; 1 where nothing is known.</summary>
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

    /// <summary>Of the rest, given that the first <paramref name="typed"/> code units were right.</summary>
    public SuggestionConfidence After(int typed)
    {
        if (typed == 0) return this;
        double known = 1;
        foreach (TokenConfidence token in Tokens)
            if (token.End <= typed) known = token.Probability;
        return this with { Tokens = [.. Tokens.Where(t => t.End > typed).Select(t => new TokenConfidence(t.End - typed, known > 0 ? Math.Min(1, t.Probability / known) : 0))] };
    }
}

/// <summary>The probability that a completion is right up to a token's end.</summary>
/// <param name="End">In the completion, in UTF-16 code units.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct TokenConfidence(int End, double Probability);

/// <summary>From which probability on text is shown, by how much of it people want to see; chosen from a measured curve.</summary>
public sealed record ConfidenceThresholds(double Eager, double Balanced, double Quiet)
{
    /// <summary>For models whose probabilities nobody has measured.</summary>
    public static ConfidenceThresholds Default { get; } = new(0.25, 0.45, 0.7);
}
