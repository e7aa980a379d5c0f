namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Drops a draft of nothing but whitespace.</summary>
internal sealed class DropBlank : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.Blank;

    public string Apply(string draft, Surroundings surroundings) => string.IsNullOrWhiteSpace(draft) ? "" : draft;
}
