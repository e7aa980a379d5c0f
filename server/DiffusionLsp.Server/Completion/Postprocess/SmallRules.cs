namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>A draft of blanks is no suggestion.</summary>
internal sealed class DropBlank : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.Blank;

    public string Apply(string draft, Surroundings surroundings) => string.IsNullOrWhiteSpace(draft) ? "" : draft;
}

/// <summary>When one line is wanted, the draft ends at its first line break.</summary>
internal sealed class KeepOneLine : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.NothingOnLine;

    public string Apply(string draft, Surroundings surroundings) =>
        surroundings.SingleLine && draft.IndexOf('\n') is var end and >= 0 ? draft[..end] : draft;
}

/// <summary>Blanks at the end are never suggested; where text follows on the line, one blank that separates is kept.</summary>
internal sealed class TrimTrailingSpace : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.Blank;

    public string Apply(string draft, Surroundings surroundings)
    {
        string trimmed = draft.TrimEnd();
        bool separates = trimmed.Length > 0 && draft.Length > trimmed.Length && draft[trimmed.Length] == ' '
            && surroundings.Suffix is [var next, ..] && !char.IsWhiteSpace(next);
        return separates ? trimmed + " " : trimmed;
    }
}

/// <summary>A draft that only writes the next line again is dropped.</summary>
internal sealed class DropRepeatedNextLine : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.RepeatsNextLine;

    public string Apply(string draft, Surroundings surroundings)
    {
        ReadOnlySpan<char> written = string.Concat(surroundings.LinePrefix, draft).AsSpan().Trim();
        return surroundings.NextLine.Length > 0 && written.SequenceEqual(surroundings.NextLine.AsSpan().Trim()) ? "" : draft;
    }
}
