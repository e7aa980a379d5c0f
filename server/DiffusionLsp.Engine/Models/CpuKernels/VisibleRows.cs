namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>What each row of a forward may see of the rows in a cache: all, or those up to an end of its own.</summary>
/// <param name="Address">Of the ends, (T) int32, 1 to S; 0: every row sees everything.</param>
internal readonly unsafe record struct VisibleRows(IntPtr Address)
{
    /// <summary>The end of what a row may see.</summary>
    /// <param name="seen">How many rows there are (S).</param>
    public int End(int row, int seen) => Address == 0 ? seen : ((int*)Address)[row];

    /// <summary>The same without the first rows.</summary>
    public VisibleRows From(int row) => Address == 0 ? this : new(Address + row * sizeof(int));
}
