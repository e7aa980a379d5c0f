using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// The part of a selection that is rewritten: its text without surrounding whitespace and line breaks, so that the lines around
/// it and the first line's indentation stay unchanged.
/// </summary>
/// <param name="Start">Offset of the first replaced character.</param>
/// <param name="End">Offset just after the last one.</param>
internal readonly record struct RefillHole(int Start, int End)
{
    public static RefillHole Of(string text, int start, int end)
    {
        (start, end) = (Math.Min(start, end), Math.Max(start, end));
        int first = start, last = end;
        while (last > first && char.IsWhiteSpace(text[last - 1])) last--;
        while (first < last && char.IsWhiteSpace(text[first])) first++;
        if (first < last) return new RefillHole(first, last);
        // Only whitespace: write after the first line's indentation, and keep the rest.
        int cursor = start;
        while (cursor < end && text[cursor] is ' ' or '\t') cursor++;
        return new RefillHole(cursor, cursor);
    }

    /// <summary>Whether the hole is within a line that continues after it, so that a single line must be written.</summary>
    public bool IsInsideLine(TextDocument document)
    {
        LineIndex lines = document.Lines;
        int line = lines.Place(End).Line;
        return lines.Place(Start).Line == line && !string.IsNullOrWhiteSpace(document.Text[End..lines.LineEnd(line)]);
    }
}
