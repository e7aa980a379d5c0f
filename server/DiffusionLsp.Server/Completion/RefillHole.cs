using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Completion;

/// <summary>
/// What of a selection is written anew: its text without the blanks and line breaks at both ends, so that the lines around
/// it and the first one's indentation stay as they are.
/// </summary>
/// <param name="Start">Offset of the first replaced character.</param>
/// <param name="End">Offset behind the last one.</param>
internal readonly record struct RefillHole(int Start, int End)
{
    public static RefillHole Of(string text, int start, int end)
    {
        (start, end) = (Math.Min(start, end), Math.Max(start, end));
        int first = start, last = end;
        while (last > first && char.IsWhiteSpace(text[last - 1])) last--;
        while (first < last && char.IsWhiteSpace(text[first])) first++;
        if (first < last) return new RefillHole(first, last);
        // Nothing but blanks: write where the first line's indentation ends, and keep them.
        int cursor = start;
        while (cursor < end && text[cursor] is ' ' or '\t') cursor++;
        return new RefillHole(cursor, cursor);
    }

    /// <summary>Whether the hole is part of one line that goes on behind it, so that one line must be written.</summary>
    public bool IsInsideLine(TextDocument document)
    {
        LineIndex lines = document.Lines;
        int line = lines.Place(End).Line;
        return lines.Place(Start).Line == line && !string.IsNullOrWhiteSpace(document.Text[End..lines.LineEnd(line)]);
    }
}
