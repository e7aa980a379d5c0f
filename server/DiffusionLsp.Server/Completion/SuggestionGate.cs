using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>How much of a suggestion is shown: as much as is probably what the user would write, by how much the settings want to see. Pure.</summary>
internal static class SuggestionGate
{
    /// <summary>UTF-16 code units to show; 0: nothing. Who asks by hand sees all of it.</summary>
    public static int Length(CompletionRequest request, string text, SuggestionConfidence confidence) =>
        request.Trigger is CompletionTrigger.Invoked || request.Source is CompletionSource.CommandLine
            ? text.Length
            : SuggestionCut.Length(text, confidence, confidence.Thresholds.For(request.Settings.Suggestions));

    /// <summary>What the model's text was judged to be, for the suggestion that the rules made of it: the same where both agree, and one value for what they changed.</summary>
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
