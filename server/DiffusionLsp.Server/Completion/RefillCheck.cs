using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Checks whether a text may replace a selection: brackets balance as before, and names that the selection defines and the rest
/// uses are still defined. Based on the <see cref="Scanner"/> and on words, so it finds common accidents, not all.
/// </summary>
internal static class RefillCheck
{
    private const int MostNamed = 3;

    /// <summary>Why the selection should be kept; null: the text may replace it.</summary>
    /// <param name="before">The text before the selection. All four texts have LF line breaks.</param>
    /// <param name="old">The selection.</param>
    /// <param name="text">The replacement.</param>
    /// <param name="after">The text after it.</param>
    /// <param name="language">LSP identifier; null: unknown.</param>
    public static (NothingReason Reason, string Sentence)? Refusal(string before, string old, string text, string after, string? language)
    {
        Lexicon lexicon = Lexicon.Of(language);
        if (lexicon.IsProse) return null;
        var start = Scanner.Start(lexicon);
        string codeBefore = start.CodeOf(before);
        if (!Balances(start, old, text, after)) return (NothingReason.Unbalanced, "Selection kept: the new text leaves a bracket or quote open.");
        Scanner end = start.Copy();
        string codeOld = end.CodeOf(old), codeAfter = end.CodeOf(after);
        string[] lost = [.. Lost(codeBefore, codeOld, start.CodeOf(text), codeAfter, lexicon)];
        if (lost.Length == 0) return null;
        string names = string.Join(", ", lost.Take(MostNamed).Select(name => $"'{name}'")) + (lost.Length > MostNamed ? " and others" : "");
        return (NothingReason.DropsNames, $"Selection kept: the new text drops {names}, used elsewhere.");
    }

    /// <summary>Whether the same brackets and strings are open after the text as after the selection; or, if not, whether the whole document has become better balanced.</summary>
    private static bool Balances(Scanner start, string old, string text, string after)
    {
        Scanner without = start.Copy(), with = start.Copy();
        // The end of the line closes a comment and terminates a string.
        string lineEnd = after.IndexOf('\n') is var end and >= 0 ? after[..(end + 1)] : after + "\n";
        if (!string.IsNullOrWhiteSpace(lineEnd)) lineEnd = "";
        after = after[Math.Min(lineEnd.Length, after.Length)..];
        without.Read(old + lineEnd);
        with.Read(text + lineEnd);
        if (with.Unclosed.SequenceEqual(without.Unclosed) && with.Outer.SequenceEqual(without.Outer) && with.Faults <= without.Faults && with.Torn <= without.Torn) return true;
        without.Read(after);
        with.Read(after);
        return Unmatched(with) < Unmatched(without);
    }

    private static int Unmatched(Scanner end) => end.Depth + end.Outer.Count + end.Faults + end.Torn;

    /// <summary>Names that the old code defines but the new code lacks, and that the rest uses without defining them.</summary>
    private static IEnumerable<string> Lost(string before, string old, string text, string after, Lexicon lexicon)
    {
        var written = Words.Of(text).ToHashSet();
        Definition[] dropped = [.. Definitions.In(old, lexicon).Where(d => !written.Contains(d.Name)).DistinctBy(d => d.Name)];
        if (dropped.Length == 0) return [];
        string block = BlockBehind(before, old, after), above = FunctionAround(before);
        HashSet<string> inRest = NamesIn(before + "\n" + after, lexicon), nearby = NamesIn(above + "\n" + block, lexicon);
        nearby.UnionWith(Words.Of(above[..(above.IndexOf('\n') is var line and >= 0 ? line : 0)])); // its parameters
        return dropped.Where(d => d.IsMember ? !inRest.Contains(d.Name) && Uses(before + after, d) : !nearby.Contains(d.Name) && Uses(block, d)).Select(d => d.Name);
    }

    private static HashSet<string> NamesIn(string code, Lexicon lexicon) => [.. Definitions.In(code, lexicon).Select(d => d.Name)];

    /// <summary>The lines after the selection that are indented at least as much as its first line, up to the first that is not.</summary>
    private static string BlockBehind(string before, string old, string after)
    {
        int width = IndentStyle.WidthOf((before + old).AsSpan(before.LastIndexOf('\n') + 1));
        string[] lines = after.Split('\n');
        int end = 1;
        while (end < lines.Length && (string.IsNullOrWhiteSpace(lines[end]) || IndentStyle.WidthOf(lines[end]) >= width)) end++;
        return string.Join('\n', lines[..end]);
    }

    /// <summary>The text before the selection from the header of the enclosing function; all of it if there is none.</summary>
    private static string FunctionAround(string before)
    {
        string[] lines = before.Split('\n');
        foreach (int at in LineBlocks.Ancestors(lines, lines.Length - 1))
        {
            string line = lines[at].Trim();
            bool isHeader = line.Contains('(') && line[^1] is '{' or ':' or ')' && Words.First(line.TrimStart('}', ' ')) is not ("if" or "for" or "foreach" or "while" or "switch" or "catch" or "else" or "elif" or "with" or "using" or "try" or "match");
            if (isHeader) return string.Join('\n', lines[at..]);
        }
        return before;
    }

    private static bool Uses(string code, Definition definition)
    {
        string name = definition.Name;
        for (int at = code.IndexOf(name, StringComparison.Ordinal); at >= 0; at = code.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            int end = at + name.Length;
            if ((at > 0 && Words.IsWord(code[at - 1])) || (end < code.Length && Words.IsWord(code[end]))) continue;
            if (definition.IsMember || at == 0 || code[at - 1] is not ('.' or '>') || Words.Last(code.AsSpan(0, at - 1).TrimEnd("-.")) is "this" or "self") return true;
        }
        return false;
    }
}
