using System.Text;
using System.Text.RegularExpressions;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// One line of an ignore file as gitignore(5) defines it. Our own code, because the library that was tried misreads anchored
/// wildcards; the tests compare it with git itself. It knows nothing of files.
/// </summary>
internal sealed class IgnorePattern
{
    // Patterns come from repositories, so they must not be able to take exponential time. Case-sensitive wherever file names are.
    private static readonly RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
        | (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? RegexOptions.IgnoreCase : RegexOptions.None);

    private static readonly (string Name, string Members)[] NamedClasses =
    [
        ("[:digit:]", "0-9"), ("[:alpha:]", "a-zA-Z"), ("[:alnum:]", "a-zA-Z0-9"), ("[:upper:]", "A-Z"), ("[:lower:]", "a-z"), ("[:xdigit:]", "0-9a-fA-F"),
        ("[:space:]", "\\s"), ("[:punct:]", "!-\\/:-@\\[-`{-~"),
    ];

    private readonly Regex expression;
    private readonly bool onlyFolders;

    private IgnorePattern(string text, bool takesBack, bool onlyFolders, string expression)
    {
        (Text, TakesBack, this.onlyFolders) = (text, takesBack, onlyFolders);
        this.expression = new Regex(expression, Options);
    }

    /// <summary>The line as written.</summary>
    public string Text { get; }

    /// <summary>Whether the line begins with "!": matching files are not ignored after all.</summary>
    public bool TakesBack { get; }

    /// <summary>The pattern; null for blank lines, comments and lines that can match nothing.</summary>
    public static IgnorePattern? Parse(string line)
    {
        string rest = TrimEnd(line.TrimEnd('\r', '\n'));
        if (rest.Length == 0 || rest[0] == '#') return null;
        bool takesBack = rest[0] == '!';
        if (takesBack) rest = rest[1..];
        bool onlyFolders = rest.EndsWith('/');
        if (onlyFolders) rest = rest[..^1];
        if (rest.Trim('/').Length == 0) return null;
        bool anchored = rest.Contains('/');
        string body = Translate(rest.StartsWith('/') ? rest[1..] : rest);
        try
        {
            return new IgnorePattern(line.TrimEnd('\r', '\n'), takesBack, onlyFolders, $@"\A{(anchored ? "" : "(?:.*/)?")}{body}\z");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null; // for example [z-a], which matches nothing
        }
    }

    /// <param name="path">Relative to the ignore file's folder, with forward slashes, none at either end.</param>
    public bool Matches(string path, bool isFolder) => (isFolder || !onlyFolders) && expression.IsMatch(path);

    /// <summary>Trailing blanks do not count, unless a backslash precedes them.</summary>
    private static string TrimEnd(string line)
    {
        int end = line.Length;
        while (end > 0 && line[end - 1] == ' ' && !(end > 1 && line[end - 2] == '\\')) end--;
        return line[..end];
    }

    private static string Translate(string glob)
    {
        var regex = new StringBuilder();
        for (int i = 0; i < glob.Length;)
        {
            ReadOnlySpan<char> left = glob.AsSpan(i);
            int stars = left.IndexOfAnyExcept('*') is var other and >= 0 ? other : left.Length;
            bool folders = stars >= 2 && (i == 0 || glob[i - 1] == '/');
            if (folders && stars == left.Length) { regex.Append(".+"); i += stars; }
            else if (folders && left[stars] == '/') { regex.Append("(?:.*/)?"); i += stars + 1; }
            else if (stars > 0) { regex.Append("[^/]*"); i += stars; }
            else if (left[0] == '?') { regex.Append("[^/]"); i++; }
            else if (left[0] == '[' && CharacterClass(left) is var (set, length)) { regex.Append(set); i += length; }
            else if (left[0] == '\\' && left.Length > 1) { regex.Append(Regex.Escape(left[1..2].ToString())); i += 2; }
            else { regex.Append(Regex.Escape(left[..1].ToString())); i++; }
        }
        return regex.ToString();
    }

    /// <summary>A character class in brackets and its length in the pattern; null: it is not closed. No class includes the slash.</summary>
    private static (string Set, int Length)? CharacterClass(ReadOnlySpan<char> glob)
    {
        int at = 1;
        bool negated = at < glob.Length && glob[at] is '!' or '^';
        if (negated) at++;
        int first = at;
        var set = new StringBuilder(negated ? "[^" : "[");
        while (at < glob.Length)
        {
            if (glob[at] == ']' && at > first) return (set.Append("-[/]]").ToString(), at + 1);
            if (Named(glob[at..]) is var (members, length))
            {
                set.Append(members);
                at += length;
                continue;
            }
            char from = Member(glob, ref at);
            set.Append(Escaped(from));
            if (at + 1 >= glob.Length || glob[at] != '-' || glob[at + 1] == ']') continue;
            at++;
            char to = Member(glob, ref at);
            if (from <= to) set.Append('-').Append(Escaped(to)); // a reversed range matches its first character only
        }
        return null;
    }

    private static (string Members, int Length)? Named(ReadOnlySpan<char> glob)
    {
        foreach ((string name, string members) in NamedClasses)
            if (glob.StartsWith(name)) return (members, name.Length);
        return null;
    }

    private static char Member(ReadOnlySpan<char> glob, ref int at)
    {
        if (glob[at] == '\\' && at + 1 < glob.Length) at++;
        return glob[at++];
    }

    private static string Escaped(char c) => c is '[' or ']' or '\\' or '^' or '-' ? "\\" + c : c.ToString();
}
