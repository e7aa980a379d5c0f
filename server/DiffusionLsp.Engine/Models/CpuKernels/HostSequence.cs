namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>The rows of one sequence within a forward.</summary>
/// <param name="Start">Index of its first row in the forward.</param>
/// <param name="Plan">Its planned rows.</param>
/// <param name="Arena">Holds its keys and values.</param>
/// <param name="Slot">Index of its slot in the arena.</param>
/// <param name="Visible">Which rows each row sees.</param>
internal readonly record struct HostSequence(int Start, RowPlan Plan, HostArena Arena, int Slot, VisibleRows Visible)
{
    /// <summary>Index in the forward just after its last row.</summary>
    public int End => Start + Plan.Tokens.Length;

    /// <summary>The intersection of its rows with a range of the forward's rows; empty if To ≤ From.</summary>
    public (int From, int To) Within(int from, int to) => (Math.Max(from, Start), Math.Min(to, End));
}
