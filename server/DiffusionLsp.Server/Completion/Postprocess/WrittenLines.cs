namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>The lines around the cursor with a draft inserted.</summary>
internal sealed record WrittenLines
{
    private readonly string[] draft;

    private WrittenLines(string[] draft, Surroundings surroundings, int replaced)
    {
        this.draft = draft;
        string[] own = [.. draft];
        own[0] = surroundings.LinePrefix + own[0];
        own[^1] += surroundings.RestOfLine[replaced..];
        Lines = [.. surroundings.LinesAbove, .. own, .. surroundings.LinesBelow];
        First = surroundings.LinesAbove.Count;
    }

    /// <summary>The lines above, those of the draft, and those below that are not blank.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Index of the cursor's line.</summary>
    public int First { get; }

    /// <summary>Index just after the draft's last line.</summary>
    public int Last => First + draft.Length;

    /// <param name="replaced">Number of characters right of the cursor that the draft repeats and replaces.</param>
    public static WrittenLines Of(string draft, Surroundings surroundings, int replaced) => new(draft.Split('\n'), surroundings, replaced);

    /// <summary>The draft up to the end of the line before one of its lines; empty before its first line that is not blank.</summary>
    public string Before(int line)
    {
        string before = string.Join('\n', draft[..(line - First)]);
        return string.IsNullOrWhiteSpace(before) ? "" : before;
    }
}
