using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// The cursor stands in the white space that a line begins with. A tokenizer makes one token of such white space, with the line
/// break before it or without the blank before the first word, so a cursor in it cuts a token: behind a lone line break a model
/// has only ever seen text that is not indented. So the token goes back, and the model is asked which indentation begins with
/// what stands there. It knows no model.
/// </summary>
internal sealed class LineIndent(CodeTokenizer tokenizer, TokenPrefixes tokens)
{
    private const int Widest = 160; // characters of an indentation that is completed
    private const int Nearby = 8192; // characters in which the document's way to indent is looked for
    private const int UsualStep = 2; // where nothing is indented yet; a level of four is two of them

    /// <summary>Whether a line break and all of the indentation behind it belong together: the word that follows takes no blank.</summary>
    public bool JoinsBreak { get; } = tokenizer.BytesOf(tokenizer.Encode("x\n    x")[^1]).Length == 1;

    /// <summary>By the ids that may stand in place of the prompt's last token, the white space that is still to be written; null: the cursor cuts no indentation, or none that can be longer.</summary>
    /// <param name="prefix">Text up to the cursor.</param>
    /// <param name="prompt">Its tokens, behind whatever stands before them; at least one stays.</param>
    public IReadOnlyDictionary<int, string>? Plan(string prefix, ReadOnlySpan<int> prompt)
    {
        int start = prefix.Length;
        while (start > 0 && prefix[start - 1] is ' ' or '\t') start--;
        if (prompt.Length < 2 || prefix.Length - start > Widest || start == 0 || prefix[start - 1] != '\n' || IsIndented(prefix.AsSpan(0, start), prefix.Length - start)) return null;
        byte[] last = tokenizer.BytesOf(prompt[^1]).ToArray();
        // The token must be the end of the prefix: an empty prefix follows another file's text, and a FIM token is no text.
        if (last.Length == 0 || !prefix.EndsWith(System.Text.Encoding.UTF8.GetString(last), StringComparison.Ordinal)) return null;
        return JoinsBreak ? Joined(last) : Apart(last, prefix.Length - start);
    }

    /// <summary>
    /// Whether the line is indented as its place asks for, so that nothing need be asked: whole steps deeper than the last line that
    /// is not blank, or as deep, and that line opens nothing.
    /// </summary>
    private static bool IsIndented(ReadOnlySpan<char> lines, int width)
    {
        ReadOnlySpan<char> above = lines.TrimEnd();
        if (width == 0 || above.IsEmpty) return false;
        ReadOnlySpan<char> line = above[(above.LastIndexOf('\n') + 1)..];
        int own = WidthOf(line);
        if (width > own) return (width - own) % Step(above) == 0;
        return width == own && (char.IsLetterOrDigit(line[^1]) || "_;,)]}\"'`".Contains(line[^1]));
    }

    /// <summary>Characters of one level: the smallest step from a line to a deeper one, comments aside; nearby lines are enough.</summary>
    private static int Step(ReadOnlySpan<char> text)
    {
        int smallest = int.MaxValue, before = 0;
        foreach (ReadOnlySpan<char> line in text[Math.Max(0, text.Length - Nearby)..].EnumerateLines())
        {
            ReadOnlySpan<char> code = line.TrimStart();
            if (code.IsEmpty || code[0] == '*') continue;
            int width = WidthOf(line);
            if (width > before) smallest = Math.Min(smallest, width - before);
            before = width;
        }
        return smallest == int.MaxValue ? UsualStep : smallest;
    }

    private static int WidthOf(ReadOnlySpan<char> line) => Math.Max(0, line.IndexOfAnyExcept(' ', '\t'));

    /// <summary>The same line break with more behind it.</summary>
    private IReadOnlyDictionary<int, string>? Joined(byte[] last)
    {
        if (!last.Contains((byte)'\n')) return null; // an indentation of several tokens
        var extra = tokens.BeginningWith(last).Where(id => IsBlank(tokenizer.BytesOf(id)[last.Length..])).ToDictionary(id => id, id => Text(tokenizer.BytesOf(id)[last.Length..]));
        return extra.Count > 1 ? extra : null;
    }

    /// <summary>White space of its own, whose last character belongs to the first word's token: behind n − 1 blanks a word stands in column n.</summary>
    private IReadOnlyDictionary<int, string>? Apart(byte[] last, int width)
    {
        if (!IsBlank(last) || last.Length != width) return null;
        var extra = new Dictionary<int, string>();
        foreach (int id in tokens.BeginningWith(last.AsSpan(0, Math.Max(1, width - 1))))
        {
            ReadOnlySpan<byte> bytes = tokenizer.BytesOf(id);
            if (!IsBlank(bytes))
            {
                if (width == 1) extra[id] = ""; // a word with its blank
            }
            else if (bytes.Length < width || bytes[width - 1] == last[^1])
            {
                extra[id] = bytes.Length < width ? "" : Text(bytes[width..]) + (char)last[^1];
            }
        }
        return extra.Values.Distinct().Count() > 1 ? extra : null;
    }

    private static string Text(ReadOnlySpan<byte> blanks) => System.Text.Encoding.ASCII.GetString(blanks);

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0;
}
