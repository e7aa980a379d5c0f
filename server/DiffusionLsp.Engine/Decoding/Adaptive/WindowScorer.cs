using System.Runtime.InteropServices;
using DiffusionLsp.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>
/// The cache of adaptive parallel decoding for bidirectional models (its knob W). Keys and values of tokens more than W
/// before the newest ones stay as they were; the last W, the newest, all masks and what follows them are computed again.
/// The first step of a decode computes everything.
/// </summary>
/// <remarks>Approximate, as any cache of a bidirectional model is: what is kept has not seen the newest tokens.</remarks>
internal sealed class WindowScorer : ICanvasScorer, IDisposable
{
    private readonly Transformer model;
    private readonly KeyValueCache cache;
    private readonly List<int> cached = [];
    private int newest; // start of the last call

    /// <param name="capacity">Longest sequence, in tokens.</param>
    public WindowScorer(Transformer model, int capacity)
    {
        this.model = model;
        cache = new KeyValueCache(model.Config, capacity, model.Device, model.DataType);
    }

    /// <summary>W, at least 1.</summary>
    public int Window { get; set; } = 1;

    public int Forwards { get; private set; }

    /// <summary>Rows fed so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Longest sequence, in tokens.</summary>
    public int Capacity => (int)cache.Capacity;

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
        cached.Clear(); // should the forward fail, nothing is known of the cache
        cache.Truncate(left);
        var input = tensor(sequence[left..].ToArray().Select(i => (long)i).ToArray(), device: model.Device).unsqueeze(0); // (1, T)
        var hidden = model.Forward(input, arange(left, sequence.Length, device: model.Device), new AttentionScope(cache, null, false));
        cache.Advance(sequence.Length - left);
        cached.AddRange(sequence);
        Forwards++;
        Rows += sequence.Length - left;
        return model.Logits(hidden[0].narrow(0, window.Start - shift - left, window.CanvasEnd - window.Start)).MoveToOuterDisposeScope();
    }

    /// <summary>Empties the cache.</summary>
    public void Forget() => cached.Clear();

    public void Dispose() => cache.Dispose();
}
