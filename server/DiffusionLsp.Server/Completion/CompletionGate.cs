using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>Decides from settings and text alone whether a request is worth computing. Pure.</summary>
internal static class CompletionGate
{
    /// <summary>The reason for no suggestion; null: go on.</summary>
    public static NothingReason? Check(CompletionRequest request)
    {
        ServerSettings settings = request.Settings;
        if (!settings.Enabled) return NothingReason.Disabled;
        if (!settings.Languages.IsOn(request.Document.LanguageId)) return NothingReason.LanguageDisabled;
        if (request.Exclusion is not null) return NothingReason.Excluded;
        if (!request.Document.IsInStep) return NothingReason.OutOfStep;
        if (request.Document.Text.Length > settings.MaxFileKilobytes * 1000L) return NothingReason.FileTooLarge;
        if (IsBehindHalfACharacter(request)) return NothingReason.InsideWord;
        if (request.Trigger == CompletionTrigger.Invoked) return null;
        if (settings.Trigger == TriggerMode.Manual) return NothingReason.ManualOnly;
        if (IsInsideWord(request)) return NothingReason.InsideWord;
        return IsMidLine(request) ? NothingReason.MidLine : null;
    }

    /// <summary>Whether the other half of a surrogate pair has yet to arrive; a cursor inside a complete pair was moved before it.</summary>
    private static bool IsBehindHalfACharacter(CompletionRequest request) => request.Offset > 0 && char.IsHighSurrogate(request.Document.Text[request.Offset - 1]);

    private static bool IsInsideWord(CompletionRequest request)
    {
        string text = request.Document.Text;
        int at = request.Offset;
        return at > 0 && at < text.Length && IsWord(text[at - 1]) && IsWord(text[at]);
    }

    private static bool IsMidLine(CompletionRequest request) => request.Settings.MidLine switch
    {
        Tristate.Always => false,
        Tristate.Never => !string.IsNullOrWhiteSpace(request.RestOfLine),
        _ => !HasOnlyClosers(request.RestOfLine),
    };

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>Whether the text right of the cursor is only what editors insert by themselves: closing brackets, quotes and separators.</summary>
    private static bool HasOnlyClosers(ReadOnlySpan<char> rest)
    {
        // A single pass by hand: as a regular expression this took a minute on a few thousand blanks.
        rest = rest.TrimStart().TrimStart(")>}]\"'`").TrimStart();
        if (rest is [':' or '{' or ';' or ',', ..]) rest = rest[1..];
        return rest.IsWhiteSpace();
    }
}
