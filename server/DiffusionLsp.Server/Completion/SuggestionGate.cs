using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>Decides how much of a suggestion is shown: the part that is probably what the user would write, according to the settings. Pure.</summary>
internal static class SuggestionGate
{
    /// <summary>Number of UTF-16 code units to show; 0: nothing. An explicit request gets all of it.</summary>
    public static int Length(CompletionRequest request, string text, SuggestionConfidence confidence) =>
        request.Trigger is CompletionTrigger.Invoked || request.Source is CompletionSource.CommandLine
            ? text.Length
            : SuggestionCut.Length(text, confidence, confidence.Thresholds.For(request.Settings.Suggestions));

    /// <summary>Maps the estimate for the model's text to the suggestion that post-processing made of it: unchanged where both agree, and a single value for what the rules changed.</summary>
    public static SuggestionConfidence For(string suggestion, string written, SuggestionConfidence confidence)
    {
        if (confidence.Tokens.Count == 0) return confidence;
        int same = suggestion.AsSpan().CommonPrefixLength(written);
        List<TokenConfidence> tokens = [.. confidence.Tokens.TakeWhile(t => t.End <= same)];
        if (tokens.Count == 0 || tokens[^1].End < suggestion.Length)
            tokens.Add(new TokenConfidence(suggestion.Length, same == suggestion.Length ? confidence.At(same) : confidence.Whole));
        return confidence with { Tokens = tokens };
    }
}
