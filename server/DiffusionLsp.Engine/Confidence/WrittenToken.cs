namespace DiffusionLsp.Engine.Confidence;

/// <summary>One token of a completion.</summary>
/// <param name="Text">As far as it ends in a whole character: what it adds to the completion.</param>
/// <param name="End">Where it ends in the completion, in UTF-16 code units.</param>
/// <param name="Signals">What the decode knew of it.</param>
internal readonly record struct WrittenToken(string Text, int End, TokenSignals Signals);

/// <summary>Where a completion stands.</summary>
/// <param name="Language">LSP language identifier; null: unknown.</param>
/// <param name="LinePrefix">The cursor's line up to the cursor.</param>
/// <param name="RestOfLine">The same from the cursor on.</param>
/// <param name="SingleLine">Whether one line is asked for.</param>
/// <param name="PromptTokens">How many tokens the model read.</param>
/// <param name="IsHealed">Whether the first token was cut by the cursor.</param>
internal sealed record CompletionPlace(string? Language, string LinePrefix, string RestOfLine, bool SingleLine, int PromptTokens, bool IsHealed)
{
    public static CompletionPlace Of(InfillRequest request, int promptTokens, bool isHealed)
    {
        int start = request.Prefix.LastIndexOf('\n') + 1, end = request.Suffix.IndexOfAny(['\r', '\n']);
        return new CompletionPlace(request.Language, request.Prefix[start..], end < 0 ? request.Suffix : request.Suffix[..end], request.SingleLine, promptTokens, isHealed);
    }
}
