using System.Globalization;
using System.Text;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends a draft where it starts to loop: one to three lines that occur three times in a row, or more lines that occur twice,
/// are kept once, and a line that repeats a fragment or a character over and over is cut. It knows nothing of any language's
/// grammar.
/// </summary>
internal sealed class StopAtRepetition : IPostprocessRule
{
    private const int FewLines = 3;
    private const int RoundsOfFew = 3, RoundsOfMany = 2;
    private const int LongestPiece = 24; // grapheme clusters
    private const int PieceRounds = 4, PairRounds = 6;
    private const int LongestRun = 8, LongestLetterRun = 12, LongestRuler = 120;

    public NothingReason WhenEmpty => NothingReason.Repetitive;

    public string Apply(string draft, Surroundings surroundings)
    {
        string[] lines = draft.Split('\n');
        int stuck = Array.FindIndex(lines, IsStuck);
        int[] written = [.. Enumerable.Range(0, lines.Length).Where(i => !string.IsNullOrWhiteSpace(lines[i]) && (stuck < 0 || i < stuck))];
        string[] texts = [.. written.Select(i => lines[i].Trim())];
        bool[] words = [.. texts.Select(t => Lines.HasWord(t))];
        for (int start = 0; start < texts.Length; start++)
            for (int period = 1; period <= (texts.Length - start) / RoundsOfMany; period++)
                if (Repeats(texts, words, start, period)) return string.Join('\n', lines[..(written[End(words, start + period)] + 1)]);
        return stuck >= 0 ? string.Join('\n', lines[..stuck]) : draft;
    }

    /// <summary>Whether the lines from here repeat often enough; lines without a word, such as closing brackets, may repeat.</summary>
    private static bool Repeats(string[] texts, bool[] words, int start, int period)
    {
        int length = period * (period <= FewLines ? RoundsOfFew : RoundsOfMany);
        if (start + length > texts.Length) return false;
        for (int i = start; i < start + length - period; i++)
            if (texts[i] != texts[i + period]) return false;
        return words.AsSpan(start, period).Contains(true);
    }

    /// <summary>The last line to keep: if a loop began in the middle of a block, the end of that block.</summary>
    private static int End(bool[] words, int behind)
    {
        while (behind < words.Length && !words[behind]) behind++;
        return behind - 1;
    }

    private static bool IsStuck(string line)
    {
        string text = line.TrimEnd();
        int[] starts = StringInfo.ParseCombiningCharacters(text);
        return HasRun(text, starts) || EndsInCircles(text, starts);
    }

    /// <summary>Whether one character occurs too often in a row. Blanks may; characters that draw separator lines may fill one line.</summary>
    private static bool HasRun(string text, int[] starts)
    {
        int run = 1;
        for (int i = 1; i < starts.Length; i++)
        {
            ReadOnlySpan<char> element = Element(text, starts, i, 1);
            run = element.SequenceEqual(Element(text, starts, i - 1, 1)) && !element.IsWhiteSpace() ? run + 1 : 1;
            if (run >= MostOf(element)) return true;
        }
        return false;
    }

    private static int MostOf(ReadOnlySpan<char> element)
    {
        Rune.DecodeFromUtf16(element, out Rune rune, out int length);
        if (IsWide(rune) || length < element.Length) return LongestRun;
        return Rune.IsLetter(rune) && !rune.IsAscii ? LongestLetterRun : LongestRuler;
    }

    /// <summary>Whether a line ends with the same fragment over and over. Fragments without a letter, such as "0, ", may repeat.</summary>
    private static bool EndsInCircles(string text, int[] starts)
    {
        for (int length = 1; length <= LongestPiece; length++)
        {
            int wanted = length switch { 1 => LongestLetterRun, 2 => PairRounds, _ => PieceRounds };
            int count = starts.Length;
            if (length * wanted > count) continue;
            ReadOnlySpan<char> piece = Element(text, starts, count - length, length);
            int rounds = 1;
            while ((rounds + 1) * length <= count && Element(text, starts, count - (rounds + 1) * length, length).SequenceEqual(piece)) rounds++;
            if (rounds >= wanted && Says(piece)) return true;
        }
        return false;
    }

    /// <summary>Some grapheme clusters of a text.</summary>
    private static ReadOnlySpan<char> Element(string text, int[] starts, int index, int count)
    {
        int end = index + count < starts.Length ? starts[index + count] : text.Length;
        return text.AsSpan(starts[index]..end);
    }

    private static bool Says(ReadOnlySpan<char> text)
    {
        foreach (Rune rune in text.EnumerateRunes())
            if (Rune.IsLetter(rune) || IsWide(rune)) return true;
        return false;
    }

    /// <summary>Characters of East Asian scripts, and those outside the basic plane, such as most emoji.</summary>
    private static bool IsWide(Rune rune) => rune.Value >= 0x2E80;
}
