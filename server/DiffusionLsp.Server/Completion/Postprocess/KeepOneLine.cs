namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Ends the draft at its first line break if a single line is wanted.</summary>
internal sealed class KeepOneLine : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.NothingOnLine;

    public string Apply(string draft, Surroundings surroundings) =>
        surroundings.SingleLine && draft.IndexOf('\n') is var end and >= 0 ? draft[..end] : draft;
}
