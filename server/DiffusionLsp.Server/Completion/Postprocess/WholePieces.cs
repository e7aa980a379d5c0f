using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// The longest beginning of a text that a document can take as it stands: it leaves no bracket, string or comment open that
/// was not open before, closes none that something below closes, ends with no operator or header that asks for more, and
/// with no half of a statement that it began itself. It knows what the <see cref="Lexicon"/> says, and no grammar.
/// </summary>
internal static class WholePieces
{
    /// <summary>The beginning; empty: there is none.</summary>
    /// <param name="replaced">How many characters right of the cursor the text writes again and replaces.</param>
    public static string Of(string text, Surroundings surroundings, int replaced = 0)
    {
        string rest = surroundings.RestOfLine[replaced..];
        if (surroundings.Lexicon.IsProse) return text;
        while (text.Length > 0)
        {
            string shorter = HalfStatements.Without(Balanced(text, surroundings, replaced), surroundings);
            if (surroundings.Lexicon.IsKnown) shorter = UnfinishedEnd.Without(shorter, surroundings, rest);
            if (string.IsNullOrWhiteSpace(shorter)) return "";
            if (shorter == text) return text;
            text = shorter;
        }
        return "";
    }

    private static string Balanced(string text, Surroundings surroundings, int replaced)
    {
        Scanner cursor = surroundings.AtCursor, end = cursor.Copy();
        if (cursor.Place is Place.Comment) return text;
        end.Read(text);
        // Also "a).then(b" before ")", and "a" + "b before a quote.
        if (!text.Contains('\n') && end.Faults == cursor.Faults && end.Outer.Count == cursor.Outer.Count && end.Unclosed.SequenceEqual(cursor.Unclosed)) return text;
        int depth = cursor.Place is Place.String ? cursor.TextDepth : cursor.Depth; // brackets in a string are its own
        int least = depth - surroundings.MissingBehind(replaced), outer = cursor.Outer.Count, level = 0;
        bool isKnown = surroundings.Lexicon.IsKnown;
        Step last = default;
        foreach (Step step in cursor.Copy().Walk(text))
        {
            if (isKnown && (step.Inherited < least || step.Outer > outer)) break;
            // Behind the line that closes the cursor's block another begins.
            if (step.Inherited < depth && text[step.From] == '\n') break;
            if (step.Depth == step.Inherited) level = step.To;
            last = step;
        }
        // A comment to the end of the line is closed by it.
        bool isComment = end.Place is Place.Comment && end.Unclosed[end.TextDepth - 1] == "\n" && last.To == text.Length && last.Inherited == end.TextDepth - 1 && string.IsNullOrWhiteSpace(surroundings.RestOfLine[replaced..]);
        return level == text.Length || isComment ? text : text[..level].TrimEnd();
    }
}
