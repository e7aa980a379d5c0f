namespace DiffusionLsp.Server.Completion.Postprocess;

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
