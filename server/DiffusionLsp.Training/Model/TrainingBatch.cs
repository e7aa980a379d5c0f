using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// The inputs and targets of one objective step: rows with their noise. Plain numbers, so that batches can be prepared on other threads;
/// no tensors.
/// </summary>
internal sealed class TrainingBatch
{
    /// <summary>Number of documents (B).</summary>
    public required int Rows { get; init; }

    /// <summary>The ids to feed, row by row: B · (T + noised).</summary>
    public required long[] Ids { get; init; }

    /// <summary>Position of each column.</summary>
    public required long[] Positions { get; init; }

    /// <summary>For each noised column the first position of its block; null for bidirectional models, which see everything.</summary>
    public long[]? BlockStarts { get; init; }

    /// <summary>Indices into <see cref="Ids"/> of the scored rows: clean ones in order, then hidden ones.</summary>
    public required long[] ScoredRows { get; init; }

    /// <summary>The token that each scored row should predict.</summary>
    public required long[] Labels { get; init; }

    /// <summary>Weight of each scored row in the loss.</summary>
    public required float[] Weights { get; init; }

    /// <summary>How many of the scored rows are clean.</summary>
    public int AutoregressiveRows { get; init; }

    /// <param name="rows">Rows of T ids.</param>
    /// <param name="random">Source of blocks and noise.</param>
    public static TrainingBatch Create(TrainingOptions options, SpecialTokens special, IReadOnlyList<long[]> rows, Random random) =>
        options.Model.Attention is AttentionKind.Full ? Masked(options, special, rows, random) : Joint(options, special, rows, random);

    private static TrainingBatch Masked(TrainingOptions options, SpecialTokens special, IReadOnlyList<long[]> rows, Random random)
    {
        // With rows of a single length, a model that sees its whole canvas would learn to count from their end.
        int length = random.Next(options.RowTokens / 2, options.RowTokens + 1), shift = options.Model.LogitShift ? 1 : 0;
        var ids = new long[rows.Count * length];
        var noise = new float[length];
        var scored = new Scores();
        for (int b = 0; b < rows.Count; b++)
        {
            HiddenTokens.Hide(rows[b].AsSpan(0, length), special, options.MaxInverseRatio, random, ids.AsSpan(b * length, length), noise);
            for (int p = 0; p < length; p++)
                if (noise[p] > 0) scored.Add(b * length + p - shift, rows[b][p], noise[p]);
        }
        scored.Normalise(0, 1);
        return scored.Batch(rows.Count, ids, [.. Enumerable.Range(0, length)], null, 0);
    }

    private static TrainingBatch Joint(TrainingOptions options, SpecialTokens special, IReadOnlyList<long[]> rows, Random random)
    {
        int length = options.RowTokens;
        NoisedBlocks blocks = NoisedBlocks.Choose(length, (int)(length * options.NoisedFraction), options.BlockLength, random);
        int noised = blocks.Positions.Length, stride = length + noised;
        var ids = new long[rows.Count * stride];
        var scored = new Scores();
        for (int b = 0; b < rows.Count; b++)
        {
            rows[b].CopyTo(ids, b * stride);
            for (int p = 0; p + 1 < length; p++) scored.Add(b * stride + p, rows[b][p + 1], 1f / (rows.Count * (length - 1)));
        }
        int autoregressive = scored.Count;
        var noise = new float[noised];
        for (int b = 0; b < rows.Count; b++)
        {
            blocks.Noise(rows[b], special.Mask, options.MaxInverseRatio, random, ids.AsSpan(b * stride + length, noised), noise);
            for (int i = 0; i < noised; i++)
                if (noise[i] > 0) scored.Add(b * stride + length + i, rows[b][blocks.Positions[i] + 1], noise[i]);
        }
        scored.Normalise(autoregressive, (float)options.DiffusionWeight);
        return scored.Batch(rows.Count, ids, [.. Enumerable.Range(0, length), .. blocks.Positions], blocks.Starts, autoregressive);
    }

    /// <summary>The scored rows with their labels and loss weights.</summary>
    private sealed class Scores
    {
        private readonly List<long> rows = [], labels = [];
        private readonly List<float> weights = [];

        public int Count => rows.Count;

        public void Add(long row, long label, float weight)
        {
            rows.Add(row);
            labels.Add(label);
            weights.Add(weight);
        }

        /// <summary>Scales the weights from <paramref name="first"/> on to sum to <paramref name="total"/>.</summary>
        public void Normalise(int first, float total)
        {
            float sum = weights.Skip(first).Sum();
            for (int i = first; i < weights.Count; i++) weights[i] *= total / sum;
        }

        public TrainingBatch Batch(int documents, long[] ids, int[] positions, int[]? blockStarts, int autoregressive) => new()
        {
            Rows = documents,
            Ids = ids,
            Positions = Long(positions),
            BlockStarts = blockStarts is null ? null : Long(blockStarts),
            ScoredRows = [.. rows],
            Labels = [.. labels],
            Weights = [.. weights],
            AutoregressiveRows = autoregressive,
        };

        private static long[] Long(int[] numbers) => Array.ConvertAll(numbers, n => (long)n);
    }
}
