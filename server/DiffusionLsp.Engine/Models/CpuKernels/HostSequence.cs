namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>The rows of one sequence among those of a forward.</summary>
/// <param name="Start">The first of them.</param>
/// <param name="Plan">What they are.</param>
/// <param name="Arena">Where their keys and values are.</param>
/// <param name="Slot">Which slot of it.</param>
/// <param name="Visible">What each may see.</param>
internal readonly record struct HostSequence(int Start, RowPlan Plan, HostArena Arena, int Slot, VisibleRows Visible)
{
    /// <summary>The end of them.</summary>
    public int End => Start + Plan.Tokens.Length;

    /// <summary>Those of them that lie in a part of the forward's rows; the end is not above the beginning if there are none.</summary>
    public (int From, int To) Within(int from, int to) => (Math.Max(from, Start), Math.Min(to, End));
}
