namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Asks a bidirectional model how sure it is of holes of several lengths, before anything of them is known. The candidates lie in
/// one sequence, hidden from each other, each with its own positions: one forward for as many as fit, where forwards are made of tensors.
/// </summary>
internal abstract class LengthProbe(int mask)
{
    private const int MostRows = 2048; // scores of a forward grow with the square of its rows

    /// <summary>Forward passes so far.</summary>
    public int Forwards { get; protected set; }

    protected int Mask => mask;

    /// <summary>For each length the mean probability of the most probable token over the hole.</summary>
    public double[] Confidences(int[] before, int[] after, IReadOnlyList<int> lengths, CancellationToken cancellation)
    {
        var results = new List<double>();
        int context = before.Length + after.Length;
        while (results.Count < lengths.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = 1, rows = context + lengths[results.Count];
            while (results.Count + count < lengths.Count && rows + context + lengths[results.Count + count] <= MostRows)
                rows += context + lengths[results.Count + count++];
            results.AddRange(Together(before, after, [.. lengths.Skip(results.Count).Take(count)], cancellation));
        }
        return [.. results];
    }

    /// <param name="lengths">So many that they fit into one forward.</param>
    protected abstract double[] Together(int[] before, int[] after, int[] lengths, CancellationToken cancellation);
}
