namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>
/// Tracks the brackets, strings and comments that are open after a text, read piece by piece. It knows three kinds of brackets,
/// interpolation holes in strings, and the rules of the <see cref="Lexicon"/>, but no grammar. If it misreads a text, it misreads
/// every text with the same beginning in the same way, and only such texts are compared.
/// </summary>
internal sealed class Scanner
{
    private const string Openers = "([{", Closers = ")]}", Quotes = "\"'`";
    private const int LongestText = 4_096; // a longer line is not worth reading in full
    private const int Remembered = 200; // characters before a piece
    private const int Deepest = 64; // code hardly leaves more brackets open

    private readonly List<Open> open;
    private readonly List<int> strings; // which of them are strings
    private readonly List<char> outer;
    private readonly Lexicon lexicon;
    private readonly bool angles;
    private int known; // how many of the open ones were open after the first text
    private string last; // the last characters before what is read next

    private Scanner(Lexicon lexicon, List<Open> open, List<int> strings, List<char> outer, bool angles, string last) =>
        (this.lexicon, this.open, this.strings, this.outer, this.angles, this.last) = (lexicon, open, strings, outer, angles, last);

    /// <summary>The state before any text: nothing is open.</summary>
    public static Scanner Start(Lexicon lexicon) => new(lexicon, [], [], [], lexicon.HasTags, "");

    /// <summary>The state at the cursor, given the cursor's line up to it.</summary>
    /// <param name="angles">Whether "&lt;" and "&gt;" count where they look like brackets.</param>
    public Scanner Behind(string linePrefix, bool angles)
    {
        int text = strings.Count > 0 ? strings[0] : open.Count; // of what is open above the line, only strings and comments
        var state = new Scanner(lexicon, [.. open.Skip(text)], [.. strings.Select(s => s - text)], [], angles, "");
        state.Read(linePrefix[Math.Max(0, linePrefix.Length - LongestText)..]);
        state.known = state.open.Count;
        return state;
    }

    /// <summary>What contains the position after the text.</summary>
    public Place Place => open is [.., var top] && strings is [.., var index] && !top.HoldsCode ? open[index].IsComment ? Place.Comment : Place.String : Place.Code;

    /// <summary>Number of open brackets, strings and comments up to and including the one that contains the position; 0 in code.</summary>
    public int TextDepth => Place is Place.Code ? 0 : strings[^1] + 1;

    /// <summary>Number of open brackets, strings and comments.</summary>
    public int Depth => open.Count;

    /// <summary>What closes the innermost of them; empty: nothing is open.</summary>
    public string Innermost => open.Count > 0 ? open[^1].Close : "";

    /// <summary>What closes each of them, innermost last.</summary>
    public IReadOnlyList<string> Unclosed => [.. open.Select(o => o.Close)];

    /// <summary>Closers of brackets that were not opened since the first text.</summary>
    public IReadOnlyList<char> Outer => outer;

    /// <summary>Number of brackets that were still open when an enclosing one was closed, or that closed nothing.</summary>
    public int Faults { get; private set; }

    /// <summary>Number of strings that had to end on their line but did not.</summary>
    public int Torn { get; private set; }

    /// <summary>Whether the innermost bracket contains entries, like an initializer, rather than statements.</summary>
    public bool IsInList => open is [.., { IsList: true }];

    /// <summary>An independent copy.</summary>
    public Scanner Copy() => new(lexicon, [.. open], [.. strings], [.. outer], angles, last) { Faults = Faults, Torn = Torn, known = known };

    /// <summary>Reads on and returns what was closed: brackets and quotes that close something, and brackets in a string that close nothing.</summary>
    public List<Closing> Read(string text) => Read(text, null);

    /// <summary>Reads on and returns what is open after each step.</summary>
    public List<Step> Walk(string text)
    {
        var steps = new List<Step>();
        Read(text, steps);
        return steps;
    }

    /// <summary>Reads on and returns the text's code: strings and comments are replaced by blanks, except for line breaks.</summary>
    public string CodeOf(string text)
    {
        char[] code = text.ToCharArray();
        Place place = Place;
        foreach (Step step in Walk(text))
        {
            if (place is not Place.Code || step.Place is not Place.Code)
                for (int i = step.From; i < step.To; i++)
                    if (code[i] != '\n') code[i] = ' ';
            place = step.Place;
        }
        return new string(code);
    }

    private List<Closing> Read(string text, List<Step>? steps)
    {
        var closings = new List<Closing>();
        int inherited = open.Count;
        for (int i = 0; i < text.Length;)
        {
            int from = i;
            i += open.Count == 0 || open[^1].HoldsCode ? Code(text, i, closings, inherited) : String(text, i, closings, inherited);
            inherited = Math.Min(inherited, open.Count);
            known = Math.Min(known, open.Count);
            steps?.Add(new Step(from, Math.Min(i, text.Length), open.Count, inherited, outer.Count, Faults, Innermost, Place));
        }
        last = text.Length >= Remembered ? text[^Remembered..] : (last + text)[^Math.Min(Remembered, last.Length + text.Length)..];
        return closings;
    }

    /// <summary>One step in code; returns the number of characters read.</summary>
    private int Code(string text, int at, List<Closing> closings, int inherited)
    {
        char c = text[at];
        if (c is '/' or '#' or '<' && Comment(text, at) is > 0 and var comment) return comment;
        if (lexicon.Quotes.Contains(c) && !IsApostrophe(text, at))
        {
            string close = lexicon.TripleQuotes.Contains(c) && string.CompareOrdinal(text, at, new string(c, 3), 0, 3) == 0 ? new string(c, 3) : c.ToString();
            strings.Add(open.Count);
            bool verbatim = HasPrefix(text, at, "@");
            open.Add(new Open(close, HoldsCode: false, Escapes: !verbatim, HasHoles: HasPrefix(text, at, "$fF"), IsLong: verbatim || close.Length == 3 || lexicon.LongQuotes.Contains(c)));
            return close.Length;
        }
        if (c == '/' && lexicon.HasRegex && RegexLength(text, at) is > 0 and var regex) return regex;
        if (Openers.IndexOf(c) is var kind and >= 0) open.Add(new Open(Closers[kind].ToString(), HoldsCode: true, IsList: c == '{' && OpensList(text, at)));
        else if (angles && c == '<' && OpensAngle(text, at)) open.Add(new Open(">", HoldsCode: true));
        else if (Closers.Contains(c)) Close(c, at, closings, inherited);
        else if (angles && c == '>' && Before(text, at) is not ('=' or '-') && open is [.., { Close: ">" }]) Pop(open.Count - 1, at, 1, closings, inherited);
        else if (angles && c == '>' && Before(text, at) is not ('=' or '-' or ' ')) closings.Add(new Closing(at, c, Matches: false, IsOuter: false));
        return 1;
    }

    /// <summary>One step in a string, where only its own quote counts, and brackets match among themselves.</summary>
    private int String(string text, int at, List<Closing> closings, int inherited)
    {
        int index = strings[^1];
        Open quoted = open[index];
        char c = text[at];
        if (c == '\\' && quoted.Escapes) return 2;
        if (c == '\n' && quoted.Close == "\n")
        {
            Remove(index);
            return 1;
        }
        if (string.CompareOrdinal(text, at, quoted.Close, 0, quoted.Close.Length) == 0)
        {
            Pop(index, at, quoted.Close.Length, closings, inherited);
            return quoted.Close.Length;
        }
        if (c == '\n' && !quoted.IsLong)
        {
            Torn++;
            Remove(index);
        }
        else if (quoted.HasHoles && string.CompareOrdinal(text, at, "{{", 0, 2) == 0) return 2;
        else if (Openers.IndexOf(c) is var kind and >= 0) open.Add(new Open(Closers[kind].ToString(), c == '{' && !quoted.IsComment && (quoted.HasHoles || Before(text, at) is '$' or '#')));
        else if (Closers.Contains(c) && open[^1].Close[0] == c) Pop(open.Count - 1, at, 1, closings, inherited);
        else if (Closers.Contains(c)) closings.Add(new Closing(at, c, Matches: false, IsOuter: index < inherited));
        return 1;
    }

    /// <summary>A bracket closes the nearest of its kind inside the string that contains it; otherwise one opened before the first text.</summary>
    private void Close(char closer, int at, List<Closing> closings, int inherited)
    {
        int index = open.Count - 1, lowest = Math.Max(strings.Count > 0 ? strings[^1] : -1, open.Count - Deepest);
        while (index > lowest && open[index].Close[0] != closer) index--;
        if (index > lowest)
        {
            Faults += open.Skip(index + 1).Count(o => o.Close != ">");
            Pop(index, at, 1, closings, inherited);
            return;
        }
        bool isString = strings.Count > 0; // an interpolation hole closes nothing around it
        if (isString) Faults++;
        else outer.Add(closer);
        closings.Add(new Closing(at, closer, Matches: !isString, IsOuter: !isString || strings[^1] < inherited));
    }

    private void Pop(int index, int at, int length, List<Closing> closings, int inherited)
    {
        closings.Add(new Closing(at, open[index].Close[0], Matches: true, IsOuter: index < inherited) { Index = index, Length = length });
        // A string within one piece may contain any brackets; in one that continues after the cursor, the following text would close them.
        if (open[index].IsString && index < known) Faults += open.Count - index - 1;
        Remove(index);
    }

    private void Remove(int index)
    {
        open.RemoveRange(index, open.Count - index);
        while (strings.Count > 0 && strings[^1] >= index) strings.RemoveAt(strings.Count - 1);
    }

    private char Before(string text, int at, int back = 1) =>
        at >= back ? text[at - back] : last.Length >= back - at ? last[^(back - at)] : '\n';

    /// <summary>Begins a comment; returns the number of characters read, 0: no comment begins here.</summary>
    private int Comment(string text, int at)
    {
        foreach (string mark in lexicon.LineComments)
        {
            if (string.CompareOrdinal(text, at, mark, 0, mark.Length) != 0) continue;
            // "$#" and "a#b" begin no comment, and in PHP "#[" is an attribute.
            if (mark == "#" && (!char.IsWhiteSpace(Before(text, at)) && Before(text, at) is not (';' or '(' or ')' or '}' or '[' or ']' or ',' or ':') || (lexicon.EndsStatements && at + 1 < text.Length && text[at + 1] == '['))) continue;
            return Begin(mark, "\n", isLong: false);
        }
        foreach ((string mark, string close) in lexicon.BlockComments)
            if (string.CompareOrdinal(text, at, mark, 0, mark.Length) == 0) return Begin(mark, close, isLong: true);
        return 0;
    }

    private int Begin(string mark, string close, bool isLong)
    {
        strings.Add(open.Count);
        open.Add(new Open(close, HoldsCode: false, IsLong: isLong, IsComment: true));
        return mark.Length;
    }

    /// <summary>Length of a regular expression that begins here and ends on its line; 0: none.</summary>
    private int RegexLength(string text, int at)
    {
        int back = at - 1;
        while (back >= 0 && text[back] is ' ' or '\t') back--;
        // After a value it is a division, and after "<" it ends an element.
        if (back >= 0 && text[back] is not ('(' or ',' or '=' or ':' or '[' or '!' or '&' or '|' or '?' or '{' or ';' or '\n' or '+' or '~') && !text.AsSpan(0, back + 1).EndsWith("return")) return 0;
        bool isClass = false;
        for (int i = at + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '[') isClass = true;
            else if (text[i] == ']') isClass = false;
            else if (text[i] == '/' && !isClass) return i + 1 - at;
        }
        return 0;
    }

    /// <summary>Matches the apostrophe in "don't" and Rust's lifetimes; but f'…' is a string.</summary>
    private bool IsApostrophe(string text, int at)
    {
        if (text[at] != '\'') return false;
        char before = Before(text, at);
        if (before is '&' or '<') return at + 2 < text.Length && char.IsLetter(text[at + 1]) && text[at + 2] != '\'';
        return Words.IsWord(before) && !HasPrefix(text, at, "fFrRbBuUL");
    }

    /// <summary>Whether a quote has one of these prefixes, with at most one other character in between.</summary>
    private bool HasPrefix(string text, int at, string prefixes)
    {
        char first = Before(text, at), second = Before(text, at, 2);
        if (prefixes.Contains(first)) return !Words.IsWord(second) || (!Words.IsWord(Before(text, at, 3)) && "fFrRbBuUL".Contains(second));
        return prefixes.Contains(second) && "@$rRbB".Contains(first) && !Words.IsWord(Before(text, at, 3));
    }

    /// <summary>Whether a brace opens an initializer, an enumeration or a list of cases, judging by the text before it.</summary>
    private bool OpensList(string text, int at)
    {
        string before = at >= Remembered ? text[(at - Remembered)..at] : last + text[..at];
        string header = before[(before.LastIndexOfAny([';', '{', '}']) + 1)..].Trim();
        if (header.Length == 0) return false;
        if ("=(,[?:".Contains(header[^1]) || Words.Last(header) is "switch" or "with" or "is" or "return") return true;
        string first = Words.First(header);
        return first is not ("if" or "for" or "foreach" or "while" or "using" or "lock" or "catch" or "switch") && Words.Of(header).Any(word => word is "enum" or "new");
    }

    /// <summary>Matches List&lt;int&gt; and &lt;div&gt;, but not a &lt; b.</summary>
    private bool OpensAngle(string text, int at)
    {
        char next = at + 1 < text.Length ? text[at + 1] : '/';
        return next is not (' ' or '=' or '<') && (Words.IsWord(Before(text, at)) || char.IsLetter(next) || next is '/' or '!' or '?');
    }

    /// <summary>An open bracket, string or comment.</summary>
    /// <param name="Close">What closes it.</param>
    /// <param name="HoldsCode">Whether it contains code; brackets of prose in a string do not.</param>
    /// <param name="Escapes">Whether a backslash escapes the next character.</param>
    /// <param name="HasHoles">Whether "{" opens an interpolation hole.</param>
    /// <param name="IsLong">Whether it may span lines.</param>
    /// <param name="IsList">Whether it contains entries, not statements.</param>
    private readonly record struct Open(string Close, bool HoldsCode, bool Escapes = false, bool HasHoles = false, bool IsLong = false, bool IsComment = false, bool IsList = false)
    {
        public bool IsString => !IsComment && Quotes.Contains(Close[0]);
    }
}
