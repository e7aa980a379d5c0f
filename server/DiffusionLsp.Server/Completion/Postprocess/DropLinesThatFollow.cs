namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Removes complete lines at the draft's end that are already below the cursor, even if indented or spaced differently.
/// Lines that contain only brackets match only with the same indentation: a deeper one closes another block.
/// </summary>
internal sealed class DropLinesThatFollow : IPostprocessRule
{
    private const int Most = 20;

    public NothingReason WhenEmpty => NothingReason.RepeatsSuffix;

    public string Apply(string draft, Surroundings surroundings)
    {
        string[] lines = draft.Split('\n');
        string[] below = [.. surroundings.LinesBelow.Take(Most)];
        int first = string.IsNullOrWhiteSpace(surroundings.LinePrefix) ? 0 : 1; // a line that the user began is not removed
        for (int start = Math.Max(first, lines.Length - Most); start < lines.Length; start++)
            if (Follow(lines, start, below, surroundings)) return string.Join('\n', lines[..start]).TrimEnd();
        return draft;
    }

    private static bool Follow(string[] lines, int start, string[] below, Surroundings surroundings)
    {
        int at = 0;
        for (int i = start; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            string line = i == 0 ? surroundings.LinePrefix + lines[0] : lines[i];
            if (at >= below.Length || !IsSame(line, below[at++], i == lines.Length - 1)) return false;
        }
        return at > 0;
    }

    private static bool IsSame(string line, string below, bool isLast)
    {
        ReadOnlySpan<char> a = line.AsSpan().Trim(), b = below.AsSpan().Trim();
        bool bracket = !Lines.HasWord(a);
        if (bracket && IndentStyle.WidthOf(line) != IndentStyle.WidthOf(below)) return false;
        // The last line may be a prefix of the one below, as "}" is of "} else {".
        return Lines.IsSameText(a, b) || (isLast && bracket && b.StartsWith(a));
    }
}
