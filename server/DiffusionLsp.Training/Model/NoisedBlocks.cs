namespace DiffusionLsp.Training.Model;

/// <summary>
/// Chooses which positions of a batch are fed a second time as noised blocks, and which of their tokens are hidden. Block starts and
/// lengths are random, so that a middle can start at any token. Plain numbers; no tensors.
/// </summary>
/// <remarks>
/// Rows are shifted (row p scores the token at p + 1), as in serving: the clean row before a block scores its first token, so row
/// <c>start</c> is always a mask and rows [start, end) score tokens start + 1 … end.
/// </remarks>
internal sealed class NoisedBlocks
{
    /// <summary>Position of each noised row in the document, ascending within a block.</summary>
    public required int[] Positions { get; init; }

    /// <summary>First position of the block that each noised row belongs to.</summary>
    public required int[] Starts { get; init; }

    /// <summary>Chooses <paramref name="rows"/> positions of [1, length − 1) in blocks of 1 to <paramref name="blockLength"/> − 1 rows.</summary>
    public static NoisedBlocks Choose(int length, int rows, int blockLength, Random random)
    {
        var blocks = new List<(int Start, int End)>();
        for (int start = 1 + random.Next(blockLength - 1); start < length - 1;)
        {
            int end = Math.Min(length - 1, start + 1 + random.Next(blockLength - 1));
            blocks.Add((start, end));
            start = end;
        }
        var positions = new List<int>();
        var starts = new List<int>();
        (int Start, int End)[] shuffled = [.. blocks];
        random.Shuffle(shuffled);
        foreach ((int start, int end) in shuffled)
            for (int p = start; p < end && positions.Count < rows; p++)
            {
                positions.Add(p);
                starts.Add(start);
            }
        return new NoisedBlocks { Positions = [.. positions], Starts = [.. starts] };
    }

    /// <summary>
    /// Adds noise to one document: a mask ratio t ~ U(0, 1) per block, each token hidden with probability t, the block's first always (the
    /// decoder feeds a block from its first undecided position on).
    /// </summary>
    /// <param name="clean">The document's ids.</param>
    /// <param name="inputs">Receives the noised rows' ids.</param>
    /// <param name="weights">Receives each row's loss weight: min(1/t, limit) where the next token is hidden, else 0.</param>
    public void Noise(ReadOnlySpan<long> clean, long mask, double limit, Random random, Span<long> inputs, Span<float> weights)
    {
        double ratio = 0;
        for (int i = 0; i < Positions.Length; i++)
        {
            if (Positions[i] == Starts[i]) ratio = random.NextDouble();
            inputs[i] = Positions[i] == Starts[i] || random.NextDouble() < ratio ? mask : clean[Positions[i]];
            bool last = i + 1 == Positions.Length || Starts[i + 1] != Starts[i];
            weights[i] = last ? (float)Math.Min(1 / ratio, limit) : 0;
            // Whether the next token is hidden is known only now.
            if (Positions[i] > Starts[i] && inputs[i] == mask) weights[i - 1] = (float)Math.Min(1 / ratio, limit);
        }
    }
}
