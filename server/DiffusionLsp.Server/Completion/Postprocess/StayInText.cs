using System.Text.RegularExpressions;
using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends a draft in comments and prose with its sentence or line, and in strings with the line; drops what looks like code
/// there, unless the text before the cursor is commented-out code.
/// </summary>
internal sealed class StayInText : IPostprocessRule
{
    private static readonly Regex Hole = new(@"[$#]?\{[^{}]*\}", RegexOptions.NonBacktracking);

    private static readonly Regex Code = new(
        @"[;{}]\s*$|=>|(^|\s)(===?|!==?|:=|\+=|-=|&&|\|\|)\s|\w\([^)\s][^)]*\)\s*[;{:.]?\s*$|\w\(\)[;{:.]?\s*$|^\s*\w+ = |^\s*(return|const|let|var|if|for|while|import|def|class|public|private|await)\b.*[;({:=]\s*",
        RegexOptions.NonBacktracking);

    public NothingReason WhenEmpty => NothingReason.CodeInText;

    public string Apply(string draft, Surroundings surroundings)
    {
        Place place = surroundings.AtCursor.Place;
        if (surroundings.Lexicon.IsProse) return Sentence(FirstLine(draft));
        if (place is Place.Code) return draft;
        string line = FirstLine(draft), inside = Inside(line, surroundings);
        if (place is Place.Comment || (surroundings.Lexicon.IndentsBlocks && surroundings.AtCursor.Innermost.Length == 3)) line = inside = Sentence(inside);
        bool wasCode = Code.IsMatch(Begun(surroundings.LinePrefix));
        return !wasCode && Code.IsMatch(Hole.Replace(inside, "hole")) ? "" : line;
    }

    private static string FirstLine(string draft) => draft.IndexOf('\n') is var end and >= 0 ? draft[..end] : draft;

    /// <summary>The part of a line that is still in the cursor's string or comment.</summary>
    private static string Inside(string line, Surroundings surroundings)
    {
        int depth = surroundings.AtCursor.TextDepth; // brackets in it are prose
        Step end = surroundings.AtCursor.Copy().Walk(line).Find(step => step.Inherited < depth);
        return end == default ? line : line[..(surroundings.Missing > 0 ? end.To : end.From)];
    }

    /// <summary>The part of the comment or string that is on the cursor's line.</summary>
    private static string Begun(string linePrefix) => linePrefix.TrimStart(' ', '\t', '/', '#', '*', '"', '\'');

    /// <summary>A text up to the end of its first sentence.</summary>
    private static string Sentence(string text)
    {
        for (int i = 1; i + 2 < text.Length; i++)
            if (text[i] is '.' or '!' or '?' && text[i + 1] == ' ' && char.IsUpper(text[i + 2]) && char.IsLetterOrDigit(text[i - 1])) return text[..(i + 1)];
        return text;
    }
}
