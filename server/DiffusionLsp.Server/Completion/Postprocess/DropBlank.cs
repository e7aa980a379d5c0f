namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>A draft of blanks is no suggestion.</summary>
internal sealed class DropBlank : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.Blank;

    public string Apply(string draft, Surroundings surroundings) => string.IsNullOrWhiteSpace(draft) ? "" : draft;
}
