namespace DiffusionLsp.Server.Completion.Postprocess;

/// <summary>Drops a draft that starts by repeating the next line, whatever follows.</summary>
internal sealed class DropRepeatedNextLine : IPostprocessRule
{
    public NothingReason WhenEmpty => NothingReason.RepeatsNextLine;

    public string Apply(string draft, Surroundings surroundings)
    {
        ReadOnlySpan<char> next = surroundings.NextLine.AsSpan().Trim();
        string written = surroundings.LinePrefix + draft;
        bool whole = written.AsSpan().Trim().SequenceEqual(next);
        // All closing brackets look alike; only a draft that contains nothing else repeats the next line.
        bool begins = surroundings.FirstLineOf(draft).SequenceEqual(next) && Lines.HasWord(next);
        return next.Length > 0 && (whole || begins) ? "" : draft;
    }
}
