namespace DiffusionLsp.Server.Completion.Syntax;

/// <summary>What contains a piece of text.</summary>
internal enum Place { Code, String, Comment }

/// <summary>What is open after a step through a text.</summary>
/// <param name="From">Index of the step's first character.</param>
/// <param name="To">Index just after its last one.</param>
/// <param name="Depth">Number of open brackets, strings and comments.</param>
/// <param name="Inherited">How many of these were open before the text.</param>
/// <param name="Outer">Number of closers whose opening brackets are unknown.</param>
/// <param name="Innermost">What closes the innermost; empty: nothing is open.</param>
/// <param name="Place">What contains the text that follows.</param>
internal readonly record struct Step(int From, int To, int Depth, int Inherited, int Outer, int Faults, string Innermost, Place Place);

/// <summary>A closing bracket or quote.</summary>
/// <param name="At">Its index in the piece that was read.</param>
/// <param name="Kind">Its first character.</param>
/// <param name="Matches">Whether it closes something open.</param>
/// <param name="IsOuter">Whether what it closes, or else the string that contains it, was opened before the piece.</param>
internal readonly record struct Closing(int At, char Kind, bool Matches, bool IsOuter)
{
    /// <summary>Depth of what it closes; negative: opened before the first text.</summary>
    public int Index { get; init; } = -1;

    public int Length { get; init; } = 1;
}
