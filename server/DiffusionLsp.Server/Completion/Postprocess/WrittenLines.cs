namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>The lines around the cursor with a draft in place.</summary>
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

    /// <summary>Those above, those that the draft makes, and those below that are not blank.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Index of the cursor's line.</summary>
    public int First { get; }

    /// <summary>Index behind the draft's last line.</summary>
    public int Last => First + draft.Length;

    /// <param name="replaced">How many characters right of the cursor the draft writes again and replaces.</param>
    public static WrittenLines Of(string draft, Surroundings surroundings, int replaced) => new(draft.Split('\n'), surroundings, replaced);

    /// <summary>The draft up to the end of the line before one of its lines; empty before the first that is not blank.</summary>
    public string Before(int line)
    {
        string before = string.Join('\n', draft[..(line - First)]);
        return string.IsNullOrWhiteSpace(before) ? "" : before;
    }
}
