using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Removes an incomplete end from a text: trailing operators and keywords, headers without a body, statements without their end.</summary>
internal static class UnfinishedEnd
{
    private const string Operators = "=+-*/%&|^<!?~";

    private static readonly string[] Keywords =
        ["new", "await", "typeof", "instanceof", "const", "let", "var", "in", "as", "is", "and", "or", "not", "extends", "implements", "throw", "import", "case", "public", "private", "protected", "static", "readonly", "async", "export", "function", "class", "interface", "enum", "def", "lambda", "del", "func", "fn", "mut"];

    private static readonly string[] Headers = ["if", "for", "foreach", "while", "switch", "catch", "else", "try", "do", "finally", "using", "lock", "function", "class", "interface", "enum", "struct", "namespace"];
    private static readonly string[] ColonHeaders = ["if", "for", "while", "def", "class", "with", "try", "except", "finally", "elif", "else", "case"];

    private static readonly string[] Continues = ["and", "or", "if", "for", "else", "in", "is", "not", "as", "async", "where", "select", "from", "instanceof"];

    /// <summary>The text without its incomplete end.</summary>
    /// <param name="rest">The rest of the cursor's line after the text.</param>
    public static string Without(string text, Surroundings surroundings, string rest)
    {
        Scanner end = surroundings.AtCursor.Copy();
        end.Read(text);
        if (end.Place is not Place.Code) return text;
        string trimmed = text.TrimEnd();
        if (trimmed.Length == 0) return text;
        string next = rest.Trim();
        if (next.Length == 0 || ")]};,".Contains(next[0]))
        {
            int last = DanglingStart(trimmed, surroundings.LinePrefix is [.., var c] ? c : ' ');
            if (last < trimmed.Length) return trimmed[..last].TrimEnd();
            if (AsksForAnEntry(trimmed, next, end, surroundings)) return trimmed[..^1].TrimEnd();
            if (IsEmptyList(trimmed, surroundings)) return trimmed[..^2].TrimEnd();
        }
        if (next.Length > 0) return text;
        int line = trimmed.LastIndexOf('\n') + 1;
        if (line == 0 && !string.IsNullOrWhiteSpace(surroundings.LinePrefix)) return text; // what the user started is the user's to finish
        string written = line == 0 ? surroundings.LinePrefix + trimmed : trimmed[line..];
        return IsUnfinished(written, end, surroundings) ? trimmed[..line].TrimEnd() : text;
    }

    /// <summary>Whether a text ends with a comma that the following closer does not allow or, in a list, with the colon after a name.</summary>
    private static bool AsksForAnEntry(string text, string next, Scanner end, Surroundings surroundings) => text[^1] switch
    {
        ',' => next is [';', ..] || (next is [')', ..] && surroundings.Lexicon.EndsStatements),
        ':' => !surroundings.Lexicon.IndentsBlocks && (end.Innermost is ")" or "]" || end.IsInList),
        _ => false,
    };

    /// <summary>Whether a text ends with the parameter list of a function whose body is missing.</summary>
    private static bool IsEmptyList(string text, Surroundings surroundings)
    {
        if (!(surroundings.Lexicon.HasRegex || surroundings.Lexicon.EndsStatements) || !text.EndsWith("()", StringComparison.Ordinal)) return false;
        string before = (surroundings.LinePrefix + text[..^2]).TrimEnd();
        return before.Length > 0 && "=(,[:?&|{;".Contains(before[^1]);
    }

    /// <summary>Start of the operator, dot or keyword at the end of a text; the text's length if there is none.</summary>
    private static int DanglingStart(string text, char before)
    {
        string word = Words.Last(text);
        int start = text.Length - word.Length;
        // A word split by the cursor belongs to the user.
        if (word.Length > 0) return Keywords.Contains(word) && (start > 0 ? text[start - 1] : before) is not ('.' or '$' or '@' or '-') and var left && !Words.IsWord(left) ? start : text.Length;
        if (text[^1] == '.') return text.Length > 1 && (Words.IsWord(text[^2]) || ")]".Contains(text[^2])) && !char.IsDigit(text[^2]) ? text.Length - 1 : text.Length;
        int from = text.Length;
        while (from > 0 && (Operators.Contains(text[from - 1]) || (text[from - 1] == '>' && from > 1 && text[from - 2] == '='))) from--;
        ReadOnlySpan<char> run = text.AsSpan(from);
        if (run.IsEmpty || run is "++" or "--") return text.Length;
        // Matches "a = b +" and "x =>", but not "save!", "int*" and "dist/".
        return from == 0 || char.IsWhiteSpace(text[from - 1]) || run is "=>" or "=" or "==" or "&&" or "||" ? from : text.Length;
    }

    private static bool IsUnfinished(string line, Scanner end, Surroundings surroundings)
    {
        string text = line.Trim(), below = surroundings.NextLine;
        if (text.Length == 0) return false;
        if (surroundings.Lexicon.IndentsBlocks && end.Innermost.Length == 0 && ColonHeaders.Contains(FirstWord(text)) && !text.Contains(':')) return true;
        if (IsEntryWithoutComma(line, text, below, end, surroundings)) return true;
        if (below.Length > 0 && (IndentStyle.WidthOf(below) > IndentStyle.WidthOf(line) || "{.?&|+=".Contains(below.AsSpan().TrimStart()[0]))) return false; // the statement continues there
        if (surroundings.Lexicon.IndentsBlocks) return end.Innermost.Length == 0 && (text[^1] == ':' || text[0] == '@' || text is "assert" or "global" or "nonlocal" or "with");
        bool isStatement = end.Innermost is "" or "}" && !end.IsInList;
        if (surroundings.Lexicon.HasHeaders && isStatement && IsBareHeader(text)) return true;
        return surroundings.Lexicon.EndsStatements && isStatement && text[^1] is not (';' or '{' or '}' or ':' or ',' or '>') && text[0] is not ('[' or '#' or '@' or '/' or '*');
    }

    /// <summary>Whether the text is a list entry on its own line, and the next entry follows without a separator.</summary>
    private static bool IsEntryWithoutComma(string line, string text, string below, Scanner end, Surroundings surroundings)
    {
        if (!(end.Innermost is ")" or "]" || end.IsInList) || ",([{;:<>+".Contains(text[^1]) || below.Length == 0) return false;
        string next = below.Trim();
        return IndentStyle.WidthOf(below) == IndentStyle.WidthOf(line) && (Words.IsWord(next[0]) || next.StartsWith("...", StringComparison.Ordinal) || next[0] is '"' or '\'' or '`' or '[' or '{' or '(')
            && !Continues.Contains(Words.First(next)) && !(surroundings.Lexicon.IndentsBlocks && IsString(text[^1]) && Words.First(text).Length <= 2);
    }

    private static bool IsString(char last) => last is '"' or '\'';

    private static string FirstWord(string text) => Words.First(text) is "async" ? Words.First(text.AsSpan(5)) : Words.First(text);

    /// <summary>Whether a line is only a header such as <c>if (…)</c> or <c>else</c>.</summary>
    private static bool IsBareHeader(string text)
    {
        text = text.TrimStart('}', ' ');
        string word = FirstWord(text);
        while (word is "export" or "default" or "async" or "public" or "private" or "static") word = Words.First(text = text[(text.IndexOf(word, StringComparison.Ordinal) + word.Length)..]);
        if (!Headers.Contains(word)) return false;
        int open = text.IndexOf('(');
        if (open < 0) return !";{}".Contains(text[^1]);
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            else if (text[i] == ')' && --depth == 0) return text.AsSpan(i + 1).IsWhiteSpace() || word is "function" && !text.EndsWith('}');
        }
        return true;
    }
}
