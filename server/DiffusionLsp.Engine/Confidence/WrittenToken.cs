namespace DiffusionLsp.Engine.Confidence;

/// <summary>One token of a completion.</summary>
/// <param name="Text">The whole characters that it adds to the completion.</param>
/// <param name="End">End of this text in the completion, in UTF-16 code units.</param>
/// <param name="Signals">The decode's signals about it.</param>
internal readonly record struct WrittenToken(string Text, int End, TokenSignals Signals);

/// <summary>Where a completion is inserted.</summary>
/// <param name="Language">LSP language identifier; null: unknown.</param>
/// <param name="LinePrefix">The cursor's line up to the cursor.</param>
/// <param name="RestOfLine">The cursor's line after the cursor.</param>
/// <param name="SingleLine">Whether a single line was requested.</param>
/// <param name="PromptTokens">Number of prompt tokens.</param>
/// <param name="IsHealed">Whether the cursor splits the first token (token healing).</param>
internal sealed record CompletionPlace(string? Language, string LinePrefix, string RestOfLine, bool SingleLine, int PromptTokens, bool IsHealed)
{
    public static CompletionPlace Of(InfillRequest request, int promptTokens, bool isHealed)
    {
        int start = request.Prefix.LastIndexOf('\n') + 1, end = request.Suffix.IndexOfAny(['\r', '\n']);
        return new CompletionPlace(request.Language, request.Prefix[start..], end < 0 ? request.Suffix : request.Suffix[..end], request.SingleLine, promptTokens, isHealed);
    }
}
