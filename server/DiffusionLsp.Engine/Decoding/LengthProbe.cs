namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Measures a bidirectional model's confidence for holes of several lengths while they are still fully masked. Where forwards run on
/// tensors, candidates are packed into one sequence, hidden from each other and each with its own positions, as many as fit.
/// </summary>
internal abstract class LengthProbe(int mask)
{
    private const int MostRows = 2048; // a forward's attention scores grow with the square of its number of rows

    /// <summary>Forwards so far.</summary>
    public int Forwards { get; protected set; }

    protected int Mask => mask;

    /// <summary>For each length, the probability of the most probable token, averaged over the hole.</summary>
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

    /// <param name="lengths">As many as fit into one forward.</param>
    protected abstract double[] Together(int[] before, int[] after, int[] lengths, CancellationToken cancellation);
}
