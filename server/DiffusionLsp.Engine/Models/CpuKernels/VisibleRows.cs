namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>What each row of a forward may see of the rows in a cache: all, those up to an end of its own, or those that a mask shows.</summary>
internal readonly unsafe struct VisibleRows
{
    private readonly byte* mask;
    private readonly int* ends;

    private VisibleRows(byte* mask, int* ends)
    {
        this.mask = mask;
        this.ends = ends;
    }

    /// <param name="mask">(T, S), 0 where a row may not see; null: every row sees everything.</param>
    public static VisibleRows Masked(byte* mask) => new(mask, null);

    /// <param name="ends">(T), 1 to S</param>
    public static VisibleRows UpTo(int* ends) => new(null, ends);

    /// <summary>The end of what a row may see.</summary>
    public int End(int row, int seen) => ends == null ? seen : ends[row];

    /// <summary>A row's mask; null: it has none.</summary>
    public byte* Mask(int row, int seen) => mask == null ? null : mask + (long)row * seen;

    /// <summary>The same without the first rows.</summary>
    public VisibleRows From(int row, int seen) => new(mask == null ? null : mask + (long)row * seen, ends == null ? null : ends + row);
}
