using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Ends a draft before a line that is copied from another block and uses a name that only that block knows, such as its
/// parameter; drops a draft that is the entire body of a neighbour. Blocks are recognised by indentation.
/// </summary>
internal static class StopAtCopiedBody
{
    /// <summary>The draft up to there; empty: nothing is left.</summary>
    public static string Apply(string draft, WrittenLines written)
    {
        if (IsWholeBody(written)) return "";
        for (int i = written.First; i < written.Last; i++)
            if (Lines.Tells(written.Lines[i]) && KnowsForeignNames(written, i)) return written.Before(i);
        return draft;
    }

    /// <summary>Whether the draft starts a body, equals the entire body of another block, and is more than a constant or a throw.</summary>
    private static bool IsWholeBody(WrittenLines written)
    {
        IReadOnlyList<string> lines = written.Lines;
        int first = written.First;
        while (first < written.Last && string.IsNullOrWhiteSpace(lines[first])) first++;
        if (first == written.Last || Words.First(lines[first]) is "throw" or "raise") return false;
        string[] own = [.. Texts(lines, written.First, written.Last)];
        if (own.SelectMany(Words.Of).All(Words.IsKeyword)) return false;
        int[] headers = [.. LineBlocks.Ancestors(lines, first)];
        if (headers.Length == 0 || Texts(lines, headers[0] + 1, written.First).Any()) return false; // the body has other lines above it
        for (int i = 0; i < lines.Count; i++)
        {
            if ((i >= written.First && i < written.Last) || headers.Contains(i) || string.IsNullOrWhiteSpace(lines[i])) continue;
            int end = LineBlocks.BodyEnd(lines, i);
            if ((end <= written.First || i >= written.Last) && Texts(lines, i + 1, end).SequenceEqual(own)) return true;
        }
        return false;
    }

    private static IEnumerable<string> Texts(IReadOnlyList<string> lines, int from, int to) =>
        Enumerable.Range(from, Math.Max(0, to - from)).Select(i => lines[i].Trim()).Where(text => text is not ("" or "{"));

    private static bool KnowsForeignNames(WrittenLines written, int at)
    {
        IReadOnlyList<string> lines = written.Lines;
        HashSet<int>? own = null;
        for (int i = 0; i < lines.Count; i++)
        {
            if ((i >= written.First && i < written.Last) || !Lines.IsSameText(lines[i], lines[at])) continue;
            own ??= [.. LineBlocks.Ancestors(lines, at)];
            int start = LineBlocks.Ancestors(lines, i).Where(a => !own.Contains(a)).DefaultIfEmpty(i).Min();
            if (start == i) continue;
            var known = new HashSet<string>(Enumerable.Range(0, lines.Count).Where(k => (k < start || k > i) && (k < written.First || k >= at)).Where(k => k != at).SelectMany(k => Words.Of(lines[k])));
            known.UnionWith(Enumerable.Range(written.First, at - written.First).SelectMany(k => Words.Of(lines[k])));
            var theirs = new HashSet<string>(Enumerable.Range(start, i - start).SelectMany(k => Words.Of(lines[k])));
            if (Words.Of(lines[at]).Any(word => theirs.Contains(word) && !known.Contains(word) && !Words.IsKeyword(word))) return true;
        }
        return false;
    }
}
