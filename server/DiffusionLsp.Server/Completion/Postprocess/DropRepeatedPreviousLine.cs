namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>A draft that begins by writing the line above again is dropped: small models fall into that.</summary>
internal sealed class DropRepeatedPreviousLine : IPostprocessRule
{
    private const int Shortest = 8; // shorter lines, such as "break;", are repeated for good reason

    public NothingReason WhenEmpty => NothingReason.RepeatsPreviousLine;

    public string Apply(string draft, Surroundings surroundings)
    {
        ReadOnlySpan<char> previous = surroundings.PreviousLine.AsSpan().Trim();
        return previous.Length >= Shortest && Lines.HasWord(previous) && surroundings.FirstLineOf(draft).SequenceEqual(previous) ? "" : draft;
    }
}
