using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Ends a text before a <c>try</c> whose handlers are neither in the text nor below it. Blocks are recognised by indentation.</summary>
internal static class HalfStatements
{
    private static readonly string[] Handlers = ["catch", "finally", "except", "rescue", "ensure"];

    public static string Without(string text, Surroundings surroundings)
    {
        if (!surroundings.Lexicon.IsKnown || surroundings.AtCursor.Place is not Place.Code) return text;
        WrittenLines written = WrittenLines.Of(text, surroundings, 0);
        for (int i = written.First; i < written.Last; i++)
            if (Words.First(written.Lines[i]) is "try" && IsBlock(written.Lines[i]) && !IsHandled(written.Lines, i)) return written.Before(i);
        return text;
    }

    /// <summary>Matches <c>try:</c> and <c>try {</c>, but not <c>try (var a = b) {</c> and <c>try f()</c>, which need no handler.</summary>
    private static bool IsBlock(string line) => line.Trim() is "try" or "try:" or "try {";

    private static bool IsHandled(IReadOnlyList<string> lines, int at)
    {
        int width = IndentStyle.WidthOf(lines[at]);
        for (int i = at + 1; i < lines.Count; i++)
        {
            string text = lines[i].Trim();
            if (text.Length == 0 || IndentStyle.WidthOf(lines[i]) > width || text is "{") continue;
            if (IndentStyle.WidthOf(lines[i]) < width) return false;
            string word = Words.First(text.TrimStart('}', ' '));
            if (Handlers.Contains(word)) return true;
            if (text[0] != '}' || word.Length > 0) return false;
        }
        return false;
    }
}
