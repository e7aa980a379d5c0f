using System.Globalization;
using System.Text;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Presents one character per surrogate pair to a regular expression: every character outside the basic plane is replaced by one of
/// the basic plane with the same Unicode category. Published pre-tokenizers count characters, .NET counts UTF-16 units. It knows
/// no pattern.
/// </summary>
internal static class AstralText
{
    /// <summary>A substitute for each category that occurs outside the basic plane and matters to a pattern.</summary>
    private static readonly Dictionary<UnicodeCategory, char> StandIns = new()
    {
        [UnicodeCategory.UppercaseLetter] = '\u00C0',
        [UnicodeCategory.LowercaseLetter] = '\u00E0',
        [UnicodeCategory.TitlecaseLetter] = '\u01C5',
        [UnicodeCategory.ModifierLetter] = '\u02B0',
        [UnicodeCategory.OtherLetter] = '\u05D0',
        [UnicodeCategory.NonSpacingMark] = '\u0300',
        [UnicodeCategory.SpacingCombiningMark] = '\u0903',
        [UnicodeCategory.EnclosingMark] = '\u0488',
        [UnicodeCategory.DecimalDigitNumber] = '\u0660',
        [UnicodeCategory.LetterNumber] = '\u2160',
        [UnicodeCategory.OtherNumber] = '\u00B2',
    };

    /// <summary>The text with one UTF-16 unit per character, and the index in the original text where each begins; null: there is nothing to replace.</summary>
    /// <param name="text">Without lone surrogates.</param>
    public static (string Shadow, int[] Starts)? Shadow(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return null;
        var shadow = new StringBuilder(text.Length);
        var starts = new List<int>(text.Length + 1);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            starts.Add(at);
            at += rune.Utf16SequenceLength;
            // Patterns treat everything else as a symbol, and no whitespace lies outside the basic plane.
            shadow.Append(rune.IsBmp ? (char)rune.Value : StandIns.GetValueOrDefault(Rune.GetUnicodeCategory(rune), '\u2603'));
        }
        starts.Add(at);
        return (shadow.ToString(), [.. starts]);
    }
}
