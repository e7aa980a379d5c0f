using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// The longest prefix of a text that can be inserted on its own: it leaves no bracket, string or comment open that was not
/// open before, closes none that is closed below, does not end with an operator or header that needs a continuation, and
/// contains no half of a statement that it began itself. It knows the rules of the <see cref="Lexicon"/>, but no grammar.
/// </summary>
internal static class WholePieces
{
    /// <summary>The prefix; empty: there is none.</summary>
    /// <param name="replaced">Number of characters right of the cursor that the text repeats and replaces.</param>
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
        // Includes "a).then(b" before ")", and "a" + "b before a quote.
        if (!text.Contains('\n') && end.Faults == cursor.Faults && end.Outer.Count == cursor.Outer.Count && end.Unclosed.SequenceEqual(cursor.Unclosed)) return text;
        int depth = cursor.Place is Place.String ? cursor.TextDepth : cursor.Depth; // brackets in a string are independent of those around it
        int least = depth - surroundings.MissingBehind(replaced), outer = cursor.Outer.Count, level = 0;
        bool isKnown = surroundings.Lexicon.IsKnown;
        Step last = default;
        foreach (Step step in cursor.Copy().Walk(text))
        {
            if (isKnown && (step.Inherited < least || step.Outer > outer)) break;
            // After the line that closes the cursor's block, another block begins.
            if (step.Inherited < depth && text[step.From] == '\n') break;
            if (step.Depth == step.Inherited) level = step.To;
            last = step;
        }
        // A line comment is closed by the end of the line.
        bool isComment = end.Place is Place.Comment && end.Unclosed[end.TextDepth - 1] == "\n" && last.To == text.Length && last.Inherited == end.TextDepth - 1 && string.IsNullOrWhiteSpace(surroundings.RestOfLine[replaced..]);
        return level == text.Length || isComment ? text : text[..level].TrimEnd();
    }
}
