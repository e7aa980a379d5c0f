namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// A draft with half a surrogate pair is dropped, and one with U+FFFD, which stands for bytes that are no text, unless the
/// document has that character too. The engine writes whole characters; a model may still have learned the other.
/// </summary>
internal sealed class DropBrokenText : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.BrokenText;

    public string Apply(string draft, Surroundings surroundings)
    {
        if (!surroundings.HasBrokenText && draft.Contains(Surroundings.Broken)) return "";
        for (int i = 0; i < draft.Length; i++)
        {
            if (!char.IsSurrogate(draft[i])) continue;
            if (i + 1 == draft.Length || !char.IsSurrogatePair(draft[i], draft[i + 1])) return "";
            i++;
        }
        return draft;
    }
}
