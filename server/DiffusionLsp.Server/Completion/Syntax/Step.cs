namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>What a piece of text stands in.</summary>
internal enum Place { Code, String, Comment }

/// <summary>What is open behind a step through a text.</summary>
/// <param name="From">Index of the step's first character.</param>
/// <param name="To">Index behind its last one.</param>
/// <param name="Depth">How much is open.</param>
/// <param name="Inherited">How much of that was open before the text.</param>
/// <param name="Outer">How many closers were read whose brackets are unknown.</param>
/// <param name="Innermost">What would close the innermost; empty: nothing is open.</param>
/// <param name="Place">What the text that follows stands in.</param>
internal readonly record struct Step(int From, int To, int Depth, int Inherited, int Outer, int Faults, string Innermost, Place Place);

/// <summary>Something that closes.</summary>
/// <param name="At">Its index in the piece that was read.</param>
/// <param name="Kind">Its first character.</param>
/// <param name="Matches">Whether something was open that it closes.</param>
/// <param name="IsOuter">Whether that, or else the string that it stands in, was opened before the piece.</param>
internal readonly record struct Closing(int At, char Kind, bool Matches, bool IsOuter)
{
    /// <summary>How deep what it closes stood; negative: before the first text.</summary>
    public int Index { get; init; } = -1;

    public int Length { get; init; } = 1;
}
