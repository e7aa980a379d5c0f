using System.Numerics;

namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>The sizes that a static step is captured for. A forward runs in the smallest bucket that holds it; the remaining rows are padding.</summary>
/// <param name="Rows">Rows fed (R), a power of two.</param>
/// <param name="Stored">Stored rows that the longest sequence sees, rounded up; determines only how many spans attention splits them into.</param>
internal readonly record struct StepBucket(int Rows, int Stored)
{
    /// <summary>Forwards over more rows are bound by arithmetic and gain little from a static step.</summary>
    public const int MostRows = 128;

    private const int LeastStored = 256, SpanRows = 64;
    private const int Blocks = 256; // about two per multiprocessor of a large GPU

    /// <summary>The numbers of rows for which there are buckets.</summary>
    public static IEnumerable<int> RowSizes => Enumerable.Range(0, BitOperations.Log2(MostRows) + 1).Select(power => 1 << power);

    /// <summary>The bucket of a forward; null: it has too many rows.</summary>
    /// <param name="rows">Rows fed, at least 1.</param>
    /// <param name="seen">Stored rows that its longest sequence sees.</param>
    public static StepBucket? For(int rows, int seen) => rows > MostRows ? null
        : new((int)BitOperations.RoundUpToPowerOf2((uint)rows), (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(LeastStored, seen)));

    /// <summary>Whether attention treats pairs of a row and a query head together, <see cref="PairsPerBlock"/> at a time, and reads keys and values once for them.</summary>
    /// <param name="rows">Rows fed (R).</param>
    /// <param name="size">Width of a head (d).</param>
    public static bool SharesKeys(int rows, int size) => rows > 8 && size <= 128;

    /// <summary>Pairs of a row and a query head in a block of threads, where they share keys.</summary>
    public const int PairsPerBlock = 64;

    /// <summary>How many spans attention splits the stored rows into, so that even a few rows occupy the whole GPU.</summary>
    /// <param name="heads">Query heads (H).</param>
    /// <param name="keyHeads">Key and value heads (K).</param>
    /// <param name="size">Width of a head (d).</param>
    public int Splits(int heads, int keyHeads, int size)
    {
        int blocks = keyHeads * (SharesKeys(Rows, size) ? (Rows * (heads / keyHeads) + PairsPerBlock - 1) / PairsPerBlock : Rows);
        return Math.Clamp(Blocks / blocks, 1, Stored / SpanRows);
    }
}
