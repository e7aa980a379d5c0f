using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// Plans the healing of indentation when the cursor is in a line's leading whitespace. Tokenizers merge such whitespace into one
/// token, with the line break before it or without the blank before the first word, so the cursor splits a token: after a lone
/// line break a model has only ever seen unindented text. The token is therefore removed, and the model chooses among those that
/// begin with the whitespace already typed. It knows no model.
/// </summary>
internal sealed class LineIndent(CodeTokenizer tokenizer, TokenPrefixes tokens)
{
    private const int Widest = 160; // characters; longer indentation is not completed
    private const int Nearby = 8192; // characters that are searched for the document's indentation step
    private const int UsualStep = 2; // the default before anything is indented; a level of four is two of them

    /// <summary>Whether a line break and all indentation after it form one token; the next word's token then has no leading blank.</summary>
    public bool JoinsBreak { get; } = tokenizer.BytesOf(tokenizer.Encode("x\n    x")[^1]).Length == 1;

    /// <summary>For each token allowed in place of the prompt's last one, the whitespace still to be inserted; null: the cursor splits no indentation, or none that could be longer.</summary>
    /// <param name="prefix">Text up to the cursor.</param>
    /// <param name="prompt">The whole prompt, ending in the prefix's tokens.</param>
    public IReadOnlyDictionary<int, string>? Plan(string prefix, ReadOnlySpan<int> prompt)
    {
        int start = prefix.Length;
        while (start > 0 && prefix[start - 1] is ' ' or '\t') start--;
        if (prompt.Length < 2 || prefix.Length - start > Widest || start == 0 || prefix[start - 1] != '\n' || IsIndented(prefix.AsSpan(0, start), prefix.Length - start)) return null;
        byte[] last = tokenizer.BytesOf(prompt[^1]).ToArray();
        // The token must be the prefix's last: an empty prefix follows another file's text, and a FIM token has no text.
        if (last.Length == 0 || !prefix.EndsWith(System.Text.Encoding.UTF8.GetString(last), StringComparison.Ordinal)) return null;
        return JoinsBreak ? Joined(last) : Apart(last, prefix.Length - start);
    }

    /// <summary>
    /// Whether the line is already plausibly indented, so that the model need not be queried: deeper than the last non-blank line by
    /// whole steps, or equally deep if that line opens nothing.
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

    /// <summary>One indentation level in characters: the smallest increase from a line to the next among nearby lines, comments aside.</summary>
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

    /// <summary>Candidates that extend the line break's token with more whitespace.</summary>
    private IReadOnlyDictionary<int, string>? Joined(byte[] last)
    {
        if (!last.Contains((byte)'\n')) return null; // indentation of several tokens
        var extra = tokens.BeginningWith(last).Where(id => IsBlank(tokenizer.BytesOf(id)[last.Length..])).ToDictionary(id => id, id => Text(tokenizer.BytesOf(id)[last.Length..]));
        return extra.Count > 1 ? extra : null;
    }

    /// <summary>Candidates where whitespace has a token of its own and its last blank belongs to the first word's token: after n − 1 blanks a word starts in column n.</summary>
    private IReadOnlyDictionary<int, string>? Apart(byte[] last, int width)
    {
        if (!IsBlank(last) || last.Length != width) return null;
        var extra = new Dictionary<int, string>();
        foreach (int id in tokens.BeginningWith(last.AsSpan(0, Math.Max(1, width - 1))))
        {
            ReadOnlySpan<byte> bytes = tokenizer.BytesOf(id);
            if (!IsBlank(bytes))
            {
                if (width == 1) extra[id] = ""; // a word with its leading blank
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
