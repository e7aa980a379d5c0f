namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>
/// Drops a draft with half a surrogate pair, or with U+FFFD, the replacement character for invalid bytes, unless the document
/// contains that character too. The engine emits whole characters, but a model may have learned to write U+FFFD.
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
