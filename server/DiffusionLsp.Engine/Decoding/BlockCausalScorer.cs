using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Scores blocks of a block-causal model. Clean rows are causal, so their keys and values never change: they stay in
/// the cache across steps and across requests, and a new sequence keeps the longest common beginning. Only the rows
/// from the first undecided position to the block's end are computed again. It knows no policy.
/// </summary>
internal sealed class BlockCausalScorer : IKeepingScorer
{
    private readonly Transformer model;
    private readonly CacheKind kind;
    private readonly int threads;
    private readonly KeyValueCache cache;
    private readonly List<int> cached = []; // ids of the permanent rows

    /// <param name="capacity">Longest sequence, in tokens.</param>
    /// <param name="threads">CPU threads of a forward over many rows; 1 leaves libtorch's setting alone.</param>
    public BlockCausalScorer(Transformer model, CacheKind kind, int capacity, int threads = 1)
    {
        if (model.Config.Attention is not AttentionKind.BlockCausal) throw new ArgumentException("The model is not block-causal.");
        (this.model, this.kind, this.threads) = (model, kind, threads);
        cache = new KeyValueCache(model.Config, capacity, model.Device, model.DataType);
    }

    public int Forwards { get; private set; }

    public int Capacity => (int)cache.Capacity;

    public int Reusable(ReadOnlySpan<int> sequence) =>
        kind is CacheKind.None ? 0 : sequence.CommonPrefixLength(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(cached));

    public Tensor Score(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        (int start, int end) = (window.Start, window.BlockEnd);
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        int shift = model.Config.LogitShift ? 1 : 0, group = model.Config.ContextBlockSize;
        if (start < shift || end <= start) throw new ArgumentOutOfRangeException(nameof(window), "There is nothing to score, or no row to score it from.");
        // Clean rows become permanent in whole groups; those of the group that is being decoded see all of it. A shifted model scores `start` from the row before it, so that row is fed.
        int clean = window.CleanEnd ?? start;
        if (clean != start && !model.Config.IsCausallyReadable) throw new ArgumentException("This model cannot check a draft: its rows do not score the next token causally.", nameof(window));
        int permanent = clean / group * group;
        int first = Math.Min(Reusable(sequence[..permanent]), start - shift) / group * group;
        Forget(first);

        // The row of the block's last position scores nothing under a shift; models with blocks of their own see it all the same.
        int unfed = group > 1 ? 0 : shift;
        int seen = end - unfed; // what the block's rows see
        int last = kind is CacheKind.None && window.WholeCanvas ? window.CanvasEnd - unfed : seen; // rows [first, last) are fed; those behind the block change nothing in it
        ForwardThreads.Choose(model, last - first, threads);
        var ids = sequence[first..last].ToArray();
        var input = tensor(ids.Select(i => (long)i).ToArray(), device: model.Device).unsqueeze(0); // (1, T)
        var positions = HeldScalars.Range(first, last, model.Device);
        var hidden = model.Forward(input, positions, new AttentionScope(cache, Visible(first, permanent, seen, last, group), false) { Cancellation = window.Cancellation });
        Forwards++;
        int kept = Math.Min(permanent, last) - first;
        cache.Advance(Math.Max(0, kept));
        for (int i = 0; i < kept; i++) cached.Add(ids[i]);
        window.Cancellation.ThrowIfCancellationRequested();
        return model.Logits(hidden[0].narrow(0, start - shift - first, end - start)).MoveToOuterDisposeScope();
    }

    /// <summary>(T, first + T) bool: clean rows see up to the end of their group, the block's rows up to <paramref name="seen"/>, the rows behind it everything.</summary>
    private Tensor? Visible(int first, int permanent, int seen, int last, int group)
    {
        if (last == seen && (first == permanent || last - first == 1)) return null; // no clean row that must not see what follows it
        var limits = new long[last - first]; // row → end of what it sees
        for (int row = first; row < last; row++)
            limits[row - first] = row >= seen ? last : row >= permanent ? seen : Math.Min((row / group + 1) * group, Math.Max(permanent, 1));
        return HeldScalars.Range(0, last, model.Device).unsqueeze(0) < tensor(limits, device: model.Device).unsqueeze(1);
    }

    public void Forget() => Forget(0);

    private void Forget(int length)
    {
        cache.Truncate(length);
        cached.RemoveRange(length, cached.Count - length);
    }

    public void Dispose() => cache.Dispose();
}
