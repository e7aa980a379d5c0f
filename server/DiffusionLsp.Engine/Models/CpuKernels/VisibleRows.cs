namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>Which cached rows each row of a forward sees: all, or those below its own end.</summary>
/// <param name="Address">Address of the ends, (T) int32, each 1 to S; 0: every row sees everything.</param>
internal readonly unsafe record struct VisibleRows(IntPtr Address)
{
    /// <summary>End of the rows that a row sees.</summary>
    /// <param name="seen">Number of cached rows (S).</param>
    public int End(int row, int seen) => Address == 0 ? seen : ((int*)Address)[row];

    /// <summary>The same, starting at a later row.</summary>
    public VisibleRows From(int row) => Address == 0 ? this : new(Address + row * sizeof(int));
}
