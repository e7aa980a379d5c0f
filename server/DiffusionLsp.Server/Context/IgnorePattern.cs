using System.Text;
using System.Text.RegularExpressions;

namespace DiffusionLsp.Server.Context;

/// <summary>
/// One line of an ignore file as gitignore(5) defines it. Our own, because no library that is served and kept up reads
/// anchored wildcards right; the tests compare it with git itself. It knows nothing of files.
/// </summary>
internal sealed class IgnorePattern
{
    // Patterns come out of repositories, so they must not be able to take exponential time. Case counts where it does in
    // file names.
    private static readonly RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
        | (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? RegexOptions.IgnoreCase : RegexOptions.None);

    private readonly Regex expression;
    private readonly bool onlyFolders;

    private IgnorePattern(string text, bool takesBack, bool onlyFolders, string expression)
    {
        (Text, TakesBack, this.onlyFolders) = (text, takesBack, onlyFolders);
        this.expression = new Regex(expression, Options);
    }

    /// <summary>The line as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether the line began with "!": what it matches is not ignored after all.</summary>
    public bool TakesBack { get; }

    /// <summary>The pattern, or null for blank lines, comments and lines that can match nothing.</summary>
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
            return null; // such as [z-a], which matches nothing
        }
    }

    /// <param name="path">Relative to the ignore file's folder, forward slashes, no slash at either end.</param>
    public bool Matches(string path, bool isFolder) => (isFolder || !onlyFolders) && expression.IsMatch(path);

    /// <summary>Blanks at the end do not count, unless a backslash stands before them.</summary>
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
            bool atStart = i == 0 || glob[i - 1] == '/';
            if (atStart && left.StartsWith("**/")) { regex.Append("(?:.*/)?"); i += 3; }
            else if (atStart && left is "**") { regex.Append(".+"); i += 2; }
            else if (left[0] == '*') { regex.Append("[^/]*"); i++; }
            else if (left[0] == '?') { regex.Append("[^/]"); i++; }
            else if (left[0] == '[' && CharacterClass(left) is var (set, length)) { regex.Append(set); i += length; }
            else if (left[0] == '\\' && left.Length > 1) { regex.Append(Regex.Escape(left[1..2].ToString())); i += 2; }
            else { regex.Append(Regex.Escape(left[..1].ToString())); i++; }
        }
        return regex.ToString();
    }

    /// <summary>A set in brackets and its length in the pattern, or null when it is not closed.</summary>
    private static (string Set, int Length)? CharacterClass(ReadOnlySpan<char> glob)
    {
        int at = 1;
        bool negated = at < glob.Length && glob[at] is '!' or '^';
        if (negated) at++;
        int first = at;
        var set = new StringBuilder(negated ? "[^/" : "[");
        for (; at < glob.Length; at++)
        {
            if (glob[at] == ']' && at > first) return (set.Append(']').ToString(), at + 1);
            if (glob[at..].StartsWith("[:digit:]")) { set.Append("0-9"); at += 8; }
            else if (glob[at..].StartsWith("[:alpha:]")) { set.Append("a-zA-Z"); at += 8; }
            else if (glob[at..].StartsWith("[:alnum:]")) { set.Append("a-zA-Z0-9"); at += 8; }
            else if (glob[at..].StartsWith("[:upper:]")) { set.Append("A-Z"); at += 8; }
            else if (glob[at..].StartsWith("[:lower:]")) { set.Append("a-z"); at += 8; }
            else if (glob[at] == '\\' && at + 1 < glob.Length) set.Append(Escaped(glob[++at]));
            else if (glob[at] == '-') set.Append('-');
            else set.Append(Escaped(glob[at]));
        }
        return null;
    }

    private static string Escaped(char c) => c is '[' or ']' or '\\' or '^' or '-' ? "\\" + c : c.ToString();
}
