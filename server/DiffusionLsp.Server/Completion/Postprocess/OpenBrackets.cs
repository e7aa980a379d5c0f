namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// The brackets and quotes that are open behind a text, read piece by piece. It knows what most languages share: three
/// kinds of brackets, strings in one or three quotes, holes in strings; and no grammar. Where it is wrong about a text, it
/// is equally wrong about another with the same beginning, and only such are compared.
/// </summary>
internal sealed class OpenBrackets
{
    private const string Openers = "([{", Closers = ")]}", Quotes = "\"'`";
    private const int LongestText = 4_096; // more of a line tells nothing
    private const int Deepest = 64; // brackets are hardly left open across more

    private readonly List<Open> open;
    private readonly List<int> strings; // which of them are strings
    private readonly List<char> outer;
    private readonly bool angles;
    private int known; // how much of what is open was so behind the first text
    private string last; // the last characters before what is read next

    private OpenBrackets(List<Open> open, List<int> strings, List<char> outer, bool angles, string last) =>
        (this.open, this.strings, this.outer, this.angles, this.last) = (open, strings, outer, angles, last);

    /// <summary>What is open behind a text.</summary>
    /// <param name="angles">Whether "&lt;" and "&gt;" count where they look like brackets.</param>
    public static OpenBrackets Behind(string text, bool angles)
    {
        var state = new OpenBrackets([], [], [], angles, "");
        state.Read(text[Math.Max(0, text.Length - LongestText)..]);
        state.known = state.open.Count;
        return state;
    }

    /// <summary>What would close it all, the innermost last.</summary>
    public IReadOnlyList<string> Unclosed => [.. open.Select(o => o.Close)];

    /// <summary>The closers that were read of brackets which the first text did not open.</summary>
    public IReadOnlyList<char> Outer => outer;

    /// <summary>How many brackets were left open when what is around them was closed, or closed nothing.</summary>
    public int Faults { get; private set; }

    /// <summary>A state of its own that goes on from here.</summary>
    public OpenBrackets Copy() => new([.. open], [.. strings], [.. outer], angles, last) { Faults = Faults, known = known };

    /// <summary>Reads on, and says what was closed: brackets and quotes that close something, and brackets that close nothing in a string.</summary>
    public List<Closing> Read(string text)
    {
        var closings = new List<Closing>();
        int inherited = open.Count;
        for (int i = 0; i < text.Length;)
        {
            i += open.Count == 0 || open[^1].HoldsCode ? Code(text, i, closings, inherited) : String(text, i, closings, inherited);
            inherited = Math.Min(inherited, open.Count);
            known = Math.Min(known, open.Count);
        }
        last = (last + text)[^Math.Min(3, last.Length + text.Length)..];
        return closings;
    }

    /// <summary>One step in code; how many characters it takes.</summary>
    private int Code(string text, int at, List<Closing> closings, int inherited)
    {
        char c = text[at];
        if (Quotes.Contains(c) && !IsApostrophe(text, at))
        {
            string close = c != '`' && string.CompareOrdinal(text, at, new string(c, 3), 0, 3) == 0 ? new string(c, 3) : c.ToString();
            strings.Add(open.Count);
            open.Add(new Open(close, HoldsCode: false, Escapes: !HasPrefix(text, at, "@"), HasHoles: HasPrefix(text, at, "$fF")));
            return close.Length;
        }
        if (Openers.IndexOf(c) is var kind and >= 0) open.Add(new Open(Closers[kind].ToString(), HoldsCode: true));
        else if (angles && c == '<' && OpensAngle(text, at)) open.Add(new Open(">", HoldsCode: true));
        else if (Closers.Contains(c)) Close(c, at, closings, inherited);
        else if (angles && c == '>' && Before(text, at) is not ('=' or '-') && open is [.., { Close: ">" }]) Pop(open.Count - 1, at, 1, closings, inherited);
        else if (angles && c == '>' && Before(text, at) is not ('=' or '-' or ' ')) closings.Add(new Closing(at, c, Matches: false, IsOuter: false));
        return 1;
    }

    /// <summary>One step in a string, where only its own quote is one, and brackets count among themselves.</summary>
    private int String(string text, int at, List<Closing> closings, int inherited)
    {
        int index = strings[^1];
        Open quoted = open[index];
        char c = text[at];
        if (c == '\\' && quoted.Escapes) return 2;
        if (string.CompareOrdinal(text, at, quoted.Close, 0, quoted.Close.Length) == 0)
        {
            Pop(index, at, quoted.Close.Length, closings, inherited);
            return quoted.Close.Length;
        }
        if (c == '\n' && quoted.Close is "\"" or "'") Remove(index); // not closed on its line
        else if (quoted.HasHoles && string.CompareOrdinal(text, at, "{{", 0, 2) == 0) return 2;
        else if (Openers.IndexOf(c) is var kind and >= 0) open.Add(new Open(Closers[kind].ToString(), c == '{' && (quoted.HasHoles || Before(text, at) is '$' or '#')));
        else if (Closers.Contains(c) && open[^1].Close[0] == c) Pop(open.Count - 1, at, 1, closings, inherited);
        else if (Closers.Contains(c)) closings.Add(new Closing(at, c, Matches: false, IsOuter: index < inherited));
        return 1;
    }

    /// <summary>A bracket closes the nearest of its kind, inside the string that it stands in; else one that was opened before the first text.</summary>
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
        bool isString = strings.Count > 0; // a hole in it closes nothing around it
        if (isString) Faults++;
        else outer.Add(closer);
        closings.Add(new Closing(at, closer, Matches: !isString, IsOuter: !isString || strings[^1] < inherited));
    }

    private void Pop(int index, int at, int length, List<Closing> closings, int inherited)
    {
        closings.Add(new Closing(at, open[index].Close[0], Matches: true, IsOuter: index < inherited) { Index = index, Length = length });
        // In a string of one piece any brackets may stand; in one that goes on behind the cursor, what follows would close them.
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

    /// <summary>As in "don't", and in Rust's lifetimes; but f'…' is a string.</summary>
    private bool IsApostrophe(string text, int at)
    {
        if (text[at] != '\'') return false;
        char before = Before(text, at);
        if (before is '&' or '<') return at + 2 < text.Length && char.IsLetter(text[at + 1]) && text[at + 2] != '\'';
        return IsWord(before) && !HasPrefix(text, at, "fFrRbBuUL");
    }

    /// <summary>Whether one of these characters, and at most one other, stands before a quote as its prefix.</summary>
    private bool HasPrefix(string text, int at, string prefixes)
    {
        char first = Before(text, at), second = Before(text, at, 2);
        if (prefixes.Contains(first)) return !IsWord(second) || (!IsWord(Before(text, at, 3)) && "fFrRbBuUL".Contains(second));
        return prefixes.Contains(second) && "@$rRbB".Contains(first) && !IsWord(Before(text, at, 3));
    }

    /// <summary>As in List&lt;int&gt; and &lt;div&gt;, not as in a &lt; b.</summary>
    private bool OpensAngle(string text, int at)
    {
        char next = at + 1 < text.Length ? text[at + 1] : '/';
        return next is not (' ' or '=' or '<') && (IsWord(Before(text, at)) || char.IsLetter(next) || next is '/' or '!' or '?');
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>Something open.</summary>
    /// <param name="Close">What closes it.</param>
    /// <param name="HoldsCode">Whether what it holds is code; brackets of prose in a string hold none.</param>
    /// <param name="Escapes">Whether a backslash takes the next character's meaning away.</param>
    /// <param name="HasHoles">Whether "{" opens a hole of code.</param>
    private readonly record struct Open(string Close, bool HoldsCode, bool Escapes = false, bool HasHoles = false)
    {
        public bool IsString => Quotes.Contains(Close[0]);
    }
}

/// <summary>Something that closes.</summary>
/// <param name="At">Its index in the piece that was read.</param>
/// <param name="Kind">Its first character.</param>
/// <param name="Matches">Whether something was open that it closes.</param>
/// <param name="IsOuter">Whether that, or else the string that it stands in, was opened before the piece.</param>
internal readonly record struct Closing(int At, char Kind, bool Matches, bool IsOuter)
{
    /// <summary>How deep what it closes stood; negative: before the first text.</summary>
    public int Index { get; init; } = -1;

    public int Length { get; init; } = 1;
}
