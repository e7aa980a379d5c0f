namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>What stands around the cursor. Line breaks are LF.</summary>
internal sealed class Surroundings
{
    /// <summary>What stands for bytes that are no text.</summary>
    public const char Broken = '\uFFFD';

    private Surroundings(string prefix, string suffix, bool singleLine)
    {
        int line = prefix.LastIndexOf('\n') + 1;
        LinePrefix = prefix[line..];
        PreviousLine = line == 0 ? "" : prefix[(line > 1 ? prefix.LastIndexOf('\n', line - 2) + 1 : 0)..(line - 1)];
        int lineEnd = suffix.IndexOf('\n') is var end and >= 0 ? end : suffix.Length;
        Suffix = suffix[..lineEnd].TrimEnd() + suffix[lineEnd..];
        SingleLine = singleLine;
        LinesBelow = [.. suffix[lineEnd..].Split('\n').Skip(1).Where(text => !string.IsNullOrWhiteSpace(text))];
        Indent = IndentStyle.Of(prefix[..line] + LinePrefix + Suffix);
        BlockWidth = WidthAround(prefix, line);
        HasBrokenText = prefix.Contains(Broken) || suffix.Contains(Broken);
    }

    /// <summary>The cursor's line before the cursor.</summary>
    public string LinePrefix { get; }

    /// <summary>The line above the cursor's; empty when there is none.</summary>
    public string PreviousLine { get; }

    /// <summary>Everything after the cursor that the model saw, with the blanks before the first line break taken out.</summary>
    public string Suffix { get; }

    /// <summary>Whether only this line is being completed.</summary>
    public bool SingleLine { get; }

    /// <summary>The lines below the cursor's that are not blank.</summary>
    public IReadOnlyList<string> LinesBelow { get; }

    /// <summary>The first of them; empty when there is none.</summary>
    public string NextLine => LinesBelow.Count > 0 ? LinesBelow[0] : "";

    /// <summary>How the document indents; null: it does not.</summary>
    public IndentStyle? Indent { get; }

    /// <summary>How far the line is indented that the block around the cursor's line began with.</summary>
    public int BlockWidth { get; }

    /// <summary>Whether the document itself holds U+FFFD.</summary>
    public bool HasBrokenText { get; }

    /// <param name="prefix">The text before the cursor.</param>
    /// <param name="suffix">The text after it.</param>
    /// <param name="singleLine">Whether only the cursor's line is to be completed.</param>
    public static Surroundings Of(string prefix, string suffix, bool singleLine) => new(prefix, suffix, singleLine);

    /// <summary>The first line with text that accepting the draft would make, without the blanks around it.</summary>
    public ReadOnlySpan<char> FirstLineOf(string draft)
    {
        string written = (LinePrefix + draft).TrimStart();
        int end = written.IndexOf('\n');
        return (end < 0 ? written : written[..end]).AsSpan().Trim();
    }

    /// <summary>The indentation of the nearest line above that is indented less than the cursor's; the cursor's own where there is none.</summary>
    private int WidthAround(string prefix, int lineStart)
    {
        int own = IndentStyle.WidthOf(LinePrefix);
        for (int end = lineStart - 1; end >= 0;)
        {
            int start = end == 0 ? 0 : prefix.LastIndexOf('\n', end - 1) + 1;
            ReadOnlySpan<char> above = prefix.AsSpan(start..end);
            if (!above.IsWhiteSpace() && IndentStyle.WidthOf(above) is var width && width < own) return width;
            end = start - 1;
        }
        return own;
    }
}
