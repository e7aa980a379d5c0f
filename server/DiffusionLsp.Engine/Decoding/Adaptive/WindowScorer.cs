using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>
/// The cache of adaptive parallel decoding for bidirectional models (its knob W). Keys and values of tokens more than W
/// before the newest ones stay as they were; the last W, the newest, all masks and what follows them are computed again.
/// The first step of a decode computes everything.
/// </summary>
/// <remarks>Approximate, as any cache of a bidirectional model is: what is kept has not seen the newest tokens.</remarks>
internal sealed class WindowScorer : IKeepingScorer
{
    private readonly Transformer model;
    private readonly int threads;
    private readonly KeyValueCache cache;
    private readonly List<int> cached = [];
    private int newest; // start of the last call

    /// <param name="capacity">Longest sequence, in tokens.</param>
    /// <param name="threads">CPU threads of a forward over many rows; 1 leaves libtorch's setting alone.</param>
    public WindowScorer(Transformer model, int capacity, int threads = 1)
    {
        (this.model, this.threads) = (model, threads);
        cache = new KeyValueCache(model.Config, capacity, model.Device, model.DataType);
    }

    /// <summary>W, at least 1.</summary>
    public int Window { get; set; } = 1;

    public int Forwards { get; private set; }

    /// <summary>Rows fed so far.</summary>
    public long Rows { get; private set; }

    public int Capacity => (int)cache.Capacity;

    public int Reusable(ReadOnlySpan<int> sequence) => 0;

    public Tensor Score(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        int shift = model.Config.LogitShift ? 1 : 0;
        if (window.Start < shift || window.CanvasEnd <= window.Start) throw new ArgumentOutOfRangeException(nameof(window), "There is nothing to score, or no row to score it from.");
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        // left = t − W − k + 1, where t is the first mask and k the number of tokens since the last step.
        int left = window.Step == 0 ? 0 : Math.Clamp(newest - Window + 1, 0, window.Start - shift);
        left = Math.Min(left, sequence.CommonPrefixLength(CollectionsMarshal.AsSpan(cached)));
        newest = window.Start;
        cached.Clear(); // should the forward fail or be cancelled, nothing is known of the cache
        cache.Truncate(left);
        ForwardThreads.Choose(model, sequence.Length - left, threads);
        var input = tensor(sequence[left..].ToArray().Select(i => (long)i).ToArray(), device: model.Device).unsqueeze(0); // (1, T)
        var hidden = model.Forward(input, HeldScalars.Range(left, sequence.Length, model.Device), new AttentionScope(cache, null, false) { Cancellation = window.Cancellation });
        cache.Advance(sequence.Length - left);
        cached.AddRange(sequence);
        Forwards++;
        Rows += sequence.Length - left;
        return model.Logits(hidden[0].narrow(0, window.Start - shift - left, window.CanvasEnd - window.Start)).MoveToOuterDisposeScope();
    }

    public void Forget() => cached.Clear();

    public void Dispose() => cache.Dispose();
}
