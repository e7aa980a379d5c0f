namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>Finds the names that a piece of code defines, from the words and punctuation around them; unrecognised definitions are omitted. Pure.</summary>
internal static class Definitions
{
    private static readonly string[] Variables = ["let", "const", "var", "val"];
    private static readonly string[] Members = ["def", "class", "function", "func", "fn", "fun", "type", "interface", "enum", "struct", "record", "trait", "module", "namespace", "mod"];
    private static readonly string[] Imports = ["import", "from", "use"];
    private static readonly string[] Modifiers = ["async", "get", "set", "static", "public", "private", "protected", "internal", "override", "readonly", "export", "default"];

    // Not types: a name after one of these is used, not defined.
    private static readonly string[] Uses = ["typeof", "instanceof", "delete", "goto", "using", "select", "where", "from", "join", "on", "by", "equals", "into", "when", "with", "package", "throws", "echo", "print"];

    /// <summary>The definitions in a text whose strings and comments have been blanked out.</summary>
    public static IEnumerable<Definition> In(string code, Lexicon lexicon)
    {
        if (lexicon.IsProse || lexicon.HasTags) yield break;
        int depth = 0; // of parentheses and square brackets
        foreach (string line in code.Split('\n'))
        {
            List<Token> tokens = TokensOf(line);
            foreach (Definition found in InLine(tokens, depth, lexicon)) yield return found;
            foreach (Token token in tokens) depth += token.Text is "(" or "[" ? 1 : token.Text is ")" or "]" ? -1 : 0;
            depth = Math.Max(0, depth);
        }
    }

    private static IEnumerable<Definition> InLine(List<Token> line, int depth, Lexicon lexicon)
    {
        if (line.Count == 0) yield break;
        if (Imports.Contains(line[0].Text) && Text(line, 1) is not "(" && !lexicon.EndsStatements)
        {
            int last = line.FindLastIndex(t => t.Text is "import");
            foreach (Token token in line.Skip(Math.Max(0, last)))
                if (token.IsWord && token.Text is not ("import" or "from" or "as" or "use" or "type")) yield return new Definition(token.Text, IsMember: true);
            yield break;
        }
        for (int i = 0; i < line.Count; i++)
        {
            if (Variables.Contains(line[i].Text))
            {
                foreach (string name in Bound(line, i + 1)) yield return new Definition(name, IsMember: false);
                continue;
            }
            if (!line[i].IsWord || Words.IsKeyword(line[i].Text)) continue;
            if (IsMember(line, i, lexicon)) yield return new Definition(line[i].Text, IsMember: true);
            else if (IsAssigned(line, i, depth, lexicon)) yield return new Definition(line[i].Text, IsMember: depth == 0 && i == 0 && Text(line, 1) == ":" && Text(line, 2) != "=");
            else if (lexicon.EndsStatements && IsTyped(line, i)) yield return new Definition(line[i].Text, IsMember: Text(line, i + 1) is not "=");
        }
    }

    /// <summary>The names that a declaration binds: one, or all names in brackets.</summary>
    private static IEnumerable<string> Bound(List<Token> line, int at)
    {
        if (Text(line, at) is "mut") at++;
        if (Text(line, at) is not ("[" or "{" or "("))
        {
            if (at < line.Count && line[at].IsWord) yield return line[at].Text;
            yield break;
        }
        for (int depth = 0; at < line.Count; at++)
        {
            if (line[at].Text is "[" or "{" or "(") depth++;
            else if (line[at].Text is "]" or "}" or ")" && --depth == 0) yield break;
            else if (line[at].IsWord) yield return line[at].Text;
        }
    }

    /// <summary>Matches <c>def f</c>, <c>class C</c>, <c>func (r *T) F</c> and, in JavaScript, <c>f(a) {</c> inside a class.</summary>
    private static bool IsMember(List<Token> line, int at, Lexicon lexicon)
    {
        if (Members.Contains(Text(line, at - 1)) && !line[at - 1].IsAttribute) return true;
        if (Text(line, at - 1) is "*" && Text(line, at - 2) is "function") return true;
        if (line[0].Text is "func" && Text(line, 1) is "(" && Text(line, at - 1) is ")" && Text(line, at + 1) is "(") return true;
        return lexicon.HasRegex && Text(line, at + 1) is "(" && line[^1].Text is "{" && line.Take(at).All(t => Modifiers.Contains(t.Text) || t.Text is "*" or "#")
            && line[at].Text is not ("switch" or "catch" or "with" or "super");
    }

    /// <summary>Matches <c>a = 1</c>, <c>a, b = f()</c> and <c>a: int = 1</c> where these define, <c>a := 1</c>, and <c>$a = 1</c>.</summary>
    private static bool IsAssigned(List<Token> line, int at, int depth, Lexicon lexicon)
    {
        if (depth > 0 || Text(line, at - 1) is "." or "*") return false;
        if (Text(line, at - 1) is "$") return IsEquals(line, at + 1);
        bool isFirst = line.Take(at).All(t => t.IsWord || t.Text is ",");
        if (!isFirst) return false;
        int mark = at + 1;
        while (Text(line, mark) is "," && mark + 1 < line.Count && line[mark + 1].IsWord) mark += 2;
        bool isList = line.Take(at).Count(t => t.IsWord) == line.Take(at).Count(t => t.Text is ",");
        if (!isList) return false;
        if (Text(line, mark) is ":" && Text(line, mark + 1) is "=") return true;
        if (lexicon.HasHeaders || !lexicon.LineComments.Contains("#")) return false;
        return IsEquals(line, mark) || (at == 0 && lexicon.IndentsBlocks && Text(line, 1) is ":" && line.Count > 2);
    }

    /// <summary>Matches <c>int a = 1;</c> and <c>List&lt;int&gt; F(</c>.</summary>
    private static bool IsTyped(List<Token> line, int at)
    {
        if (at == 0 || line[at].From == line[at - 1].To) return false;
        Token type = line[at - 1];
        bool isType = type.IsWord
            ? !Words.IsKeyword(type.Text) || type.Text is "string" or "int" or "void"
            : type.Text is ">" or "]" or "?" && at > 1 && line[at - 2].To == type.From && line[at - 2].Text is not ("=" or "-");
        if (!isType || Uses.Contains(type.Text)) return false;
        return Text(line, at + 1) is ";" or "(" or "{" || IsEquals(line, at + 1);
    }

    private static bool IsEquals(List<Token> line, int at) => Text(line, at) is "=" && Text(line, at + 1) is not ("=" or ">");

    private static string Text(List<Token> line, int at) => at >= 0 && at < line.Count ? line[at].Text : "";

    private static List<Token> TokensOf(string line)
    {
        var tokens = new List<Token>();
        for (int i = 0; i < line.Length;)
        {
            int end = i + 1;
            if (Words.IsWord(line[i]))
                while (end < line.Length && Words.IsWord(line[end])) end++;
            if (!char.IsWhiteSpace(line[i])) tokens.Add(new Token(line[i..end], i, end, i > 0 && line[i - 1] == '.'));
            i = end;
        }
        return tokens;
    }

    /// <param name="IsAttribute">Whether it follows a dot.</param>
    private readonly record struct Token(string Text, int From, int To, bool IsAttribute)
    {
        public bool IsWord => Words.IsWord(Text[0]) && !char.IsDigit(Text[0]);
    }
}

/// <summary>A name that is defined somewhere.</summary>
/// <param name="IsMember">Whether it may be used in the whole file and after a dot, as functions and types; false: it is a variable of its block.</param>
internal readonly record struct Definition(string Name, bool IsMember);
