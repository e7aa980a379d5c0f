namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>A draft that begins by writing the next line again is dropped, whatever it goes on with.</summary>
internal sealed class DropRepeatedNextLine : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.RepeatsNextLine;

    public string Apply(string draft, Surroundings surroundings)
    {
        ReadOnlySpan<char> next = surroundings.NextLine.AsSpan().Trim();
        string written = surroundings.LinePrefix + draft;
        bool whole = written.AsSpan().Trim().SequenceEqual(next);
        // Closing brackets look alike; only alone are they the next line.
        bool begins = surroundings.FirstLineOf(draft).SequenceEqual(next) && Lines.HasWord(next);
        return next.Length > 0 && (whole || begins) ? "" : draft;
    }
}
