namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Removes whitespace at the end; if text follows on the line, one separating blank is kept.</summary>
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
