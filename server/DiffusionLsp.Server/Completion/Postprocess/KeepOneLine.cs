namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>When one line is wanted, the draft ends at its first line break.</summary>
internal sealed class KeepOneLine : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.NothingOnLine;

    public string Apply(string draft, Surroundings surroundings) =>
        surroundings.SingleLine && draft.IndexOf('\n') is var end and >= 0 ? draft[..end] : draft;
}
