namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Drops a draft that contains only whitespace.</summary>
internal sealed class DropBlank : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.Blank;

    public string Apply(string draft, Surroundings surroundings) => string.IsNullOrWhiteSpace(draft) ? "" : draft;
}
