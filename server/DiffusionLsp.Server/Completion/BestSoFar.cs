using System.Buffers;
using System.Globalization;
using System.Text;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Trims a text that the latency budget truncated: to whole lines if there are several, else to whole words. A text that ended
/// on its own is unchanged. Pure.
/// </summary>
internal static class BestSoFar
{
    public static string Of(InfillResult result)
    {
        string text = result.Completion;
        if (result.StopReason is not StopReason.Budget) return text;
        int line = text.TrimEnd().LastIndexOf('\n');
        if (line > 0 && !string.IsNullOrWhiteSpace(text[..line])) return text[..line];
        int end = text.Length;
        while (end > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out Rune last, out int units) is OperationStatus.Done && IsWord(last)) end -= units;
        string words = text[..end].TrimEnd();
        return words.Length > 0 ? words : text;
    }

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value == '_'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
