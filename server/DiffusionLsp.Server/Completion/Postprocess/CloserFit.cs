using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Fits a draft to the brackets and quotes that are already right of the cursor, for example inserted by the editor: with the
/// draft in place, everything is closed exactly as often as before. A draft that repeats them and continues replaces them;
/// otherwise it ends before them. It knows only brackets and quotes.
/// </summary>
internal static class CloserFit
{
    private const string Brackets = ")]}", Quotes = "\"'`";
    private const int MostCuts = 16;

    /// <summary>The fitted draft, empty if it cannot fit, and the number of characters right of the cursor that it repeats and therefore replaces.</summary>
    /// <param name="replacing">Whether it may replace any.</param>
    public static (string Text, int Replaced) Of(string draft, Surroundings surroundings, Replacing replacing)
    {
        string rest = surroundings.RestOfLine;
        Scanner angled = surroundings.OnLine(angles: true);
        bool angles = angled.Unclosed.Contains(">") && Run(rest).Contains('>');
        Scanner before = angles ? angled : surroundings.OnLine(angles: false);
        if (string.IsNullOrWhiteSpace(rest)) return (BeforeNextLine(draft, before, surroundings), 0);

        var fit = new Fit(before, rest, surroundings.NextLine.AsSpan().TrimStart() is [var next, ..] && Brackets.Contains(next));
        if (!fit.Matters) return (draft, 0);
        List<Closing> outer = [.. before.Copy().Read(draft).Where(c => c.IsOuter)];
        foreach (string text in outer.AsEnumerable().Reverse().Take(MostCuts).Select(c => draft[..c.At].TrimEnd()).Prepend(draft))
            if (fit.Try(text, replacing) is { } fitting) return fitting;
        if (outer.Count > 0) draft = draft[..outer[0].At].TrimEnd();
        // Brackets that it opens but does not close would be closed by those of the document.
        string closed = Closed(draft, before);
        return fit.Try(closed, Replacing.Nothing) ?? ("", 0); // its own brackets do not match
    }

    /// <summary>What may be replaced: closers and separators, not words.</summary>
    private static ReadOnlySpan<char> Run(string rest) =>
        rest.AsSpan().IndexOfAnyExcept(")]}>\"'`;,:{ \t") is var word and >= 0 ? rest.AsSpan(0, word) : rest;

    private static string Closed(string draft, Scanner before)
    {
        Scanner after = before.Copy();
        after.Read(draft);
        IEnumerable<string> own = after.Unclosed.Skip(before.Unclosed.Count).Reverse();
        bool inString = after.Unclosed is [.., var last] && Quotes.Contains(last[0]);
        return (inString ? draft : draft.TrimEnd(' ', ',')) + string.Concat(own);
    }

    /// <summary>If the cursor is at the end of its line, the next line may close what that line, or the block around it, left open.</summary>
    private static string BeforeNextLine(string draft, Scanner before, Surroundings surroundings)
    {
        ReadOnlySpan<char> next = surroundings.NextLine.AsSpan().Trim();
        int line = draft.IndexOf('\n') is var end and >= 0 ? end : draft.Length, width = IndentStyle.WidthOf(surroundings.NextLine);
        if (next.IsEmpty) return draft;
        foreach (Closing closing in before.Copy().Read(draft[..line]))
        {
            if (!closing.IsOuter || !closing.Matches || closing.Index > 0 || next[0] != closing.Kind) continue;
            bool isSame = closing.Index < 0
                ? Brackets.Contains(closing.Kind) && width == surroundings.BlockWidth
                : (closing.Length == 3 && next.StartsWith(draft.AsSpan(closing.At, 3))) || (Brackets.Contains(closing.Kind) && width == IndentStyle.WidthOf(surroundings.LinePrefix));
            if (isSame) return draft[..closing.At].TrimEnd();
        }
        return draft;
    }

    /// <summary>Compares what is closed with a draft in place to what was closed before.</summary>
    /// <param name="before">What is open at the cursor.</param>
    /// <param name="rest">The rest of the cursor's line.</param>
    /// <param name="closedBelow">Whether the next line begins with a closing bracket.</param>
    private sealed class Fit(Scanner before, string rest, bool closedBelow)
    {
        private readonly (Scanner State, List<Closing> Closings) without = Read(before, rest);

        public bool Matters => without.Closings.Count > 0 || Quotes.Contains(rest.TrimStart()[0]);

        /// <summary>The text, or a shorter one with the same resulting document that replaces less; null: it does not fit.</summary>
        public (string Text, int Replaced)? Try(string text, Replacing replacing)
        {
            int most = Retyped(text);
            if (most > 0 && WithoutRetyped(text, most) is { } shorter && Fits(shorter, 0)) return (shorter, 0);
            if (most > 0 && replacing is Replacing.Closers && Fits(text, most)) return (text, most);
            return Fits(text, 0) ? (text, 0) : null;
        }

        /// <summary>How much of the replaceable text the draft repeats, in the same order.</summary>
        private int Retyped(string text)
        {
            int at = 0, count = 0;
            ReadOnlySpan<char> run = Run(rest);
            for (int i = 0; i < run.Length; i++)
            {
                int found = text.IndexOf(run[i], at);
                if (found < 0) break;
                at = found + 1;
                if (!char.IsWhiteSpace(run[i])) count = i + 1;
            }
            return count;
        }

        /// <summary>The text without its end, if that consists only of repeated characters; null: it continues after them.</summary>
        private string? WithoutRetyped(string text, int count)
        {
            int end = text.Length;
            for (int i = count - 1; i >= 0; i--)
            {
                if (char.IsWhiteSpace(rest[i])) continue;
                while (end > 0 && char.IsWhiteSpace(text[end - 1])) end--;
                if (end == 0 || text[--end] != rest[i]) return null;
            }
            return text[..end].TrimEnd();
        }

        private bool Fits(string text, int replaced)
        {
            Scanner with = before.Copy();
            List<Closing> written = with.Read(text);
            // One quote may precede two others within triple quotes, but may not come directly before three.
            if (replaced == 0 && text.Length > 0 && Quotes.Contains(text[^1]) && rest.StartsWith(new string(text[^1], 3), StringComparison.Ordinal)) return false;
            // Strings may contain any bracket, but a closer that the line still needs is more likely meant for the line.
            if (written.Any(c => c.IsOuter && !c.Matches && rest.Contains(c.Kind))) return false;
            if (replaced > 0 && written.FindLast(c => c.IsOuter && c.Matches) is { Length: > 0 } last && !GoesTogether(text.AsSpan(last.At + last.Length), rest.AsSpan(replaced))) return false;
            List<Closing> kept = with.Read(rest[replaced..]), same = [.. without.Closings.Where(c => c.At >= replaced)];
            return with.Faults <= without.State.Faults && with.Outer.SequenceEqual(without.State.Outer)
                && kept.Select(c => (c.Kind, c.Matches)).SequenceEqual(same.Select(c => (c.Kind, c.Matches)))
                && LeavesNoMoreOpen(string.IsNullOrWhiteSpace(rest[replaced..]) ? [.. with.Unclosed.Where(c => c != "\n")] : with.Unclosed, without.State.Unclosed);
        }

        /// <summary>Whether the same brackets and strings stay open as before, or fewer if nothing below closes those that the cursor's line left open.</summary>
        private bool LeavesNoMoreOpen(IReadOnlyList<string> with, IReadOnlyList<string> without) =>
            with.SequenceEqual(without)
            || (with.Count < without.Count && without.Count <= Untouched && with.SequenceEqual(without.Take(with.Count)) && !closedBelow);

        /// <summary>Number of brackets and strings open at the cursor that the rest of the line does not close.</summary>
        private int Untouched => without.Closings.Where(c => c.IsOuter && c.Matches).Select(c => Math.Max(0, c.Index)).Append(before.Unclosed.Count).Min();

        /// <summary>Whether the text after the repeated closers may precede the rest of the line.</summary>
        private static bool GoesTogether(ReadOnlySpan<char> tail, ReadOnlySpan<char> left)
        {
            if (tail.IsWhiteSpace() || left.IsWhiteSpace()) return true;
            char next = left.TrimStart()[0];
            return next == '}' || (")]>\"'`;,".Contains(next) && !tail.Contains(';') && tail.TrimEnd() is not [.., ',' or ':' or '{']);
        }

        private static (Scanner, List<Closing>) Read(Scanner before, string rest)
        {
            Scanner state = before.Copy();
            return (state, state.Read(rest));
        }
    }
}

/// <summary>What a suggestion may replace right of the cursor.</summary>
internal enum Replacing
{
    /// <summary>Nothing: the suggestion is only inserted.</summary>
    Nothing,
    /// <summary>Closing brackets, quotes and separators that the suggestion repeats.</summary>
    Closers,
}
