using System.Numerics;
using System.Runtime.CompilerServices;
using DiffusionLsp.Engine.Models.Layers;
using DiffusionLsp.Engine.Tensors;

namespace DiffusionLsp.Engine.Models.CpuKernels;

/// <summary>
/// The forward of <see cref="Transformer"/> on a CPU without libtorch, both for a decode step's few rows and a prompt's many: the same
/// arithmetic in float32, on bfloat16 weights, without an operator call per product. Many rows are divided among threads; rows of
/// several sequences share the products. One caller at a time.
/// </summary>
/// <remarks>Meant for small models. A row's result is bit-identical whichever rows it is batched with.</remarks>
internal sealed unsafe class CpuTransformer : IDisposable
{
    private const int FewRows = 48; // below this, waking a second thread costs more than it saves
    private const int WorthPanels = 8; // from this many rows on, repacking keys and values into panels pays off
    private const int PartRows = 96; // a part's working memory stays in a core's cache
    private const long MostParameters = 256_000_000; // for larger models libtorch's products are faster
    private static readonly int Lanes = Vector<float>.Count;

    private readonly ModelConfig config;
    private readonly HostWeights weights;
    private readonly HostRotary rotary;
    private readonly CpuLayer[] layers;
    private readonly PackedMatrix output;
    private readonly List<CpuScratch> scratch = []; // one per thread
    private readonly int width, heads, fused;
    private readonly int panel; // numbers in the largest matrix's panel
    private float* x, query, hidden; // (room, D) the residual stream; (room, fused) queries, followed by keys and values; (room, D) the scored rows
    private int room; // rows
    private HostArena? passing; // keys and values of a sequence that are not kept

    /// <param name="weights">Owned by this object.</param>
    public CpuTransformer(ModelConfig config, HostWeights weights)
    {
        (this.config, this.weights) = (config, weights);
        rotary = new HostRotary(config);
        layers = [.. Enumerable.Range(0, config.Layers).Select(i => new CpuLayer(config, i, weights))];
        output = weights.Matrix(ParameterTable.OutputLayer);
        panel = weights.Matrices.Max(matrix => matrix.PanelSize);
        width = config.HiddenSize;
        heads = config.Heads * config.HeadSize;
        fused = heads + 2 * config.KeyValueHeads * config.HeadSize;
    }

    public ModelConfig Config => config;

    /// <summary>Whether a model's size and shapes are supported; whether its weights are is known only once they are read.</summary>
    public static bool Suits(ModelConfig config) =>
        config.Experts is null && ParameterTable.Count(config) <= MostParameters
        && (config.RotarySize ?? config.HeadSize) / 2 % Lanes == 0 && config.HeadSize % Lanes == 0 && config.HiddenSize % Lanes == 0 && config.IntermediateSize % Lanes == 0;

    /// <summary>Bytes of the weights in memory: bfloat16, with a tied embedding stored a second time as the output layer.</summary>
    public static long WeightBytes(ModelConfig config) => 2 * (ParameterTable.Count(config) + (config.TieEmbeddings ? (long)config.VocabularySize * config.HiddenSize : 0));

    /// <summary>Allocates K/V slots.</summary>
    public HostArena NewArena(int slots, int capacity) => new(config, rotary, slots, capacity);

    /// <summary>A temporary slot, for a sequence whose keys and values are not kept.</summary>
    public KeyValueSlot PassingSlot(int rows)
    {
        passing ??= NewArena(1, rows);
        passing.Grow(1, rows);
        return passing.Slots[0];
    }

    /// <summary>Feeds rows and scores the requested ones.</summary>
    /// <param name="work">Each sequence in its own slot.</param>
    /// <param name="threads">Threads for a forward over many rows.</param>
    /// <param name="computed">Called once the keys and values are in their slots; scoring may still be cancelled.</param>
    /// <returns>(Σ Scored, V), in the given order</returns>
    /// <exception cref="OperationCanceledException">Cancelled, which takes effect within one layer.</exception>
    public HostScores Score(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, int threads, Action computed, CancellationToken cancellation)
    {
        PinnedNumbers[] ends = [.. work.Select(w => new PinnedNumbers(w.Plan.Limits))];
        try
        {
            HostSequence[] sequences = Sequences(work, ends);
            int rows = sequences[^1].End;
            MakeRoom(rows, threads);
            Embed(sequences);
            for (int i = 0; i < layers.Length; i++)
            {
                int layer = i;
                cancellation.ThrowIfCancellationRequested();
                InParts(rows, threads, (from, to, own) => Project(layer, sequences, from, to, own));
                cancellation.ThrowIfCancellationRequested(); // one layer of a long prompt takes as long as a whole decode step
                InParts(rows, threads, (from, to, own) =>
                {
                    Attend(layer, sequences, from, to, own);
                    FeedForward(layers[layer], from, to - from, own);
                });
            }
            computed();
            cancellation.ThrowIfCancellationRequested();
            return Scores(sequences, threads);
        }
        finally
        {
            foreach (PinnedNumbers pinned in ends) pinned.Dispose();
        }
    }

    private static HostSequence[] Sequences(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, PinnedNumbers[] ends)
    {
        var sequences = new HostSequence[work.Count];
        int start = 0;
        for (int i = 0; i < sequences.Length; i++)
        {
            (KeyValueSlot slot, RowPlan plan) = work[i];
            slot.RequireRoom(plan.Seen);
            if (plan.End > plan.Seen) throw new InvalidOperationException($"Rows {plan.First} to {plan.End} lie outside the {plan.Seen} that the forward sees.");
            sequences[i] = new HostSequence(start, plan, (HostArena)slot.Arena, slot.Index, new VisibleRows((IntPtr)ends[i].First));
            start = sequences[i].End;
        }
        return sequences;
    }

    private void Embed(HostSequence[] sequences)
    {
        foreach (HostSequence sequence in sequences)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(sequence.Plan.End, rotary.Positions, nameof(sequences));
            for (int r = 0; r < sequence.Plan.Tokens.Length; r++)
            {
                int id = sequence.Plan.Tokens[r];
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)config.VocabularySize, nameof(sequences));
                weights.Embed(id, new Span<float>(x + (long)(sequence.Start + r) * width, width));
            }
        }
    }

    private HostScores Scores(HostSequence[] sequences, int threads)
    {
        float* norm = weights.Vector(ParameterTable.FinalNorm);
        int scored = 0;
        foreach (HostSequence sequence in sequences)
        {
            Norm(x + (long)(sequence.Start + sequence.Plan.ScoredFrom) * width, sequence.Plan.Scored, width, norm, hidden + (long)scored * width);
            scored += sequence.Plan.Scored;
        }
        var scores = new HostScores(scored, config.VocabularySize);
        try
        {
            fixed (float* numbers = scores.All)
            {
                float* to = numbers;
                InParts(scored, threads, (from, end, own) => output.Multiply(hidden + (long)from * width, end - from, to + (long)from * config.VocabularySize, own.Panel));
            }
        }
        catch
        {
            scores.Dispose();
            throw;
        }
        return scores;
    }

    /// <summary>Divides rows into parts and runs <c>work(from, to, scratch)</c> on each, each thread with its own working memory; few rows stay on this thread.</summary>
    private void InParts(int rows, int threads, Action<int, int, CpuScratch> work)
    {
        int together = rows < FewRows ? 1 : threads, parts = Math.Max(together, (rows + PartRows - 1) / PartRows);
        parts = (parts + together - 1) / together * together; // a multiple of the threads keeps all of them busy in the last round
        int next = parts;
        void Take(int thread)
        {
            // The last rows first: they see most, so their parts take longest.
            for (int part; (part = Interlocked.Decrement(ref next)) >= 0;)
            {
                int from = (int)((long)rows * part / parts), to = (int)((long)rows * (part + 1) / parts);
                if (to > from) work(from, to, scratch[thread]);
            }
        }
        if (together == 1) Take(0);
        else Parallel.For(0, together, new ParallelOptions { MaxDegreeOfParallelism = together }, Take);
    }

    private void MakeRoom(int rows, int threads)
    {
        while (scratch.Count < threads) scratch.Add(new CpuScratch(config, PartRows, Math.Max(fused, 2 * config.IntermediateSize), panel));
        if (rows <= room) return;
        HostMemory.Free(x);
        x = null;
        room = (rows + 127) / 128 * 128;
        x = HostMemory.Allocate<float>((long)room * (2 * width + fused));
        query = x + (long)room * width;
        hidden = query + (long)room * fused;
    }

    /// <summary>Computes rotated queries and keys, and values, of some rows; keys and values go into the cache.</summary>
    private void Project(int index, HostSequence[] sequences, int from, int to, CpuScratch own)
    {
        CpuLayer layer = layers[index];
        int size = config.HeadSize, keyHeads = config.KeyValueHeads;
        Norm(x + (long)from * width, to - from, width, layer.InputNorm, own.Normal);
        layer.QueryKeyValue.Multiply(own.Normal, to - from, query + (long)from * fused, own.Panel);
        foreach (HostSequence sequence in sequences)
        {
            (int first, int end) = sequence.Within(from, to);
            if (first >= end) continue;
            HostRows cache = sequence.Arena.Rows(sequence.Slot, index);
            for (int r = first; r < end; r++)
            {
                float* row = query + (long)r * fused, keys = row + heads, values = keys + keyHeads * size;
                if (layer.Bias != null) Add(layer.Bias, row, fused);
                if (layer.QueryNorm != null) Norm(row, config.Heads, size, layer.QueryNorm, row);
                if (layer.KeyNorm != null) Norm(keys, keyHeads, size, layer.KeyNorm, keys);
                int position = sequence.Plan.First + r - sequence.Start;
                for (int head = 0; head < config.Heads + keyHeads; head++) rotary.Rotate(row + head * size, position);
                for (int head = 0; head < keyHeads; head++)
                {
                    long place = head * cache.HeadStride + (long)position * size;
                    Copy(keys + head * size, cache.Keys + place, size);
                    Copy(values + head * size, cache.Values + place, size);
                }
            }
        }
    }

    /// <summary>x ← x + output · attention, of some rows.</summary>
    private void Attend(int index, HostSequence[] sequences, int from, int to, CpuScratch own)
    {
        CpuLayer layer = layers[index];
        foreach (HostSequence sequence in sequences)
        {
            (int first, int end) = sequence.Within(from, to);
            if (first >= end) continue;
            HostRows cache = sequence.Arena.Rows(sequence.Slot, index);
            VisibleRows visible = sequence.Visible.From(first - sequence.Start);
            float* queries = query + (long)first * fused, mixed = own.Mixed + (long)(first - from) * heads;
            // Decided by the sequence's own row count, so that its results are bit-identical whichever sequences it is batched with.
            if (sequence.Plan.Tokens.Length < WorthPanels) own.Attention.Apply(queries, fused, end - first, cache, sequence.Plan.Seen, visible, mixed);
            else own.Prompt.Apply(queries, fused, end - first, cache, sequence.Plan.Seen, visible, mixed);
        }
        layer.AttentionOutput.Multiply(own.Mixed, to - from, own.Normal, own.Panel);
        Add(own.Normal, x + (long)from * width, (to - from) * width);
    }

    /// <summary>x ← x + down · (silu(gate · n) ⊙ up · n), where n is the norm of x, of some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FeedForward(CpuLayer layer, int from, int count, CpuScratch own)
    {
        int size = config.IntermediateSize;
        float* rows = x + (long)from * width;
        Norm(rows, count, width, layer.AttentionNorm, own.Normal);
        layer.GateUp.Multiply(own.Normal, count, own.Projected, own.Panel);
        for (int r = 0; r < count; r++)
        {
            float* gate = own.Projected + (long)r * 2 * size, up = gate + size, to = own.Inner + (long)r * size;
            for (int i = 0; i < size; i += Lanes)
            {
                Vector<float> g = Vector.Load(gate + i);
                Vector.Store(g / (Vector<float>.One + Vector.Exp(-g)) * Vector.Load(up + i), to + i);
            }
        }
        layer.Down.Multiply(own.Inner, count, own.Normal, own.Panel);
        Add(own.Normal, rows, count * width);
    }

    /// <summary><see cref="RmsNorm"/> of several rows; in place if both addresses are the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Norm(float* from, int rows, int size, float* weight, float* to)
    {
        for (int r = 0; r < rows; r++, from += size, to += size)
        {
            Vector<float> squares = default;
            for (int i = 0; i < size; i += Lanes)
            {
                Vector<float> v = Vector.Load(from + i);
                squares = Vector.MultiplyAddEstimate(v, v, squares);
            }
            var scale = new Vector<float>(1 / MathF.Sqrt(Vector.Sum(squares) / size + (float)config.NormEpsilon));
            for (int i = 0; i < size; i += Lanes) Vector.Store(Vector.Load(from + i) * scale * Vector.Load(weight + i), to + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* what, float* to, int count)
    {
        for (int i = 0; i < count; i += Lanes) Vector.Store(Vector.Load(to + i) + Vector.Load(what + i), to + i);
    }

    private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

    public void Dispose()
    {
        weights.Dispose();
        rotary.Dispose();
        passing?.Dispose();
        foreach (CpuScratch own in scratch) own.Dispose();
        scratch.Clear();
        HostMemory.Free(x);
        x = null;
    }
}
