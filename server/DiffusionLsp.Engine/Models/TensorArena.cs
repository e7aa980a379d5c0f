using DiffusionLsp.Engine.Models.Weights;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>Keys and values in tensors, of a model's type on its device.</summary>
/// <remarks>A slot that changes hands is filled with zeros: packed attention multiplies what a mask hides by zero, which a stale NaN would survive.</remarks>
internal sealed class TensorArena : KeyValueArena
{
    private readonly Transformer model;
    private Tensor[] keys = [], values = []; // per layer (K, slots · capacity, d)

    /// <param name="slots">Sequences, at least 1.</param>
    /// <param name="capacity">Rows per sequence, at least 1.</param>
    public TensorArena(Transformer model, int slots, int capacity) : base(model.Config)
    {
        this.model = model;
        Grow(slots, capacity);
    }

    /// <summary>Changes whenever the buffers do.</summary>
    public long Version { get; private set; }

    protected override int NumberBytes => SafetensorsTypes.SizeOf(model.DataType);

    protected override void Resize(int count, int capacity)
    {
        using var noGradient = no_grad();
        Version++;
        keys = [.. Enumerable.Range(0, Config.Layers).Select(layer => Grown(keys.ElementAtOrDefault(layer), count, capacity))];
        values = [.. Enumerable.Range(0, Config.Layers).Select(layer => Grown(values.ElementAtOrDefault(layer), count, capacity))];
    }

    private Tensor Grown(Tensor? old, int count, int capacity)
    {
        using var scope = NewDisposeScope();
        (long heads, long size) = (Config.KeyValueHeads, Config.HeadSize);
        var made = zeros([heads, (long)count * capacity, size], model.DataType, model.Device);
        if (old is not null)
        {
            made.view(heads, count, capacity, size).narrow(1, 0, Slots.Count).narrow(2, 0, Capacity).copy_(old.view(heads, Slots.Count, Capacity, size));
            old.Dispose();
        }
        return made.DetachFromDisposeScope();
    }

    /// <summary>All slots of a layer: keys and values, (K, slots · capacity, d) each. Row r of slot s is s · capacity + r.</summary>
    internal (Tensor Keys, Tensor Values) Layer(int layer) => (keys[layer], values[layer]);

    /// <summary>Rows of one slot, views (1, K, rows, d).</summary>
    internal (Tensor Keys, Tensor Values) Rows(int slot, int layer, int first, int count)
    {
        long at = (long)slot * Capacity + first;
        using Tensor key = keys[layer].narrow(1, at, count), value = values[layer].narrow(1, at, count);
        return (key.unsqueeze(0), value.unsqueeze(0));
    }

    /// <summary>Takes the fed rows of one layer and hands out all rows that they may see.</summary>
    /// <param name="slot">Of this arena; it knows where the rows go.</param>
    /// <param name="key">(1, K, T, d), rotated</param>
    /// <param name="value">(1, K, T, d)</param>
    /// <returns>Views (1, K, S, d); valid until the next write.</returns>
    internal (Tensor Keys, Tensor Values) Write(KeyValueSlot slot, int layer, Tensor key, Tensor value)
    {
        int rows = (int)key.shape[2];
        if (slot.First + rows > slot.Seen) throw new InvalidOperationException($"Rows {slot.First} to {slot.First + rows} lie outside the {slot.Seen} that the forward sees.");
        var (newKey, newValue) = Rows(slot.Index, layer, slot.First, rows);
        newKey.copy_(key);
        newValue.copy_(value);
        return Rows(slot.Index, layer, 0, slot.Seen);
    }

    internal override void Move(int slot, int from, int to, int count)
    {
        using var noGradient = inference_mode();
        for (int layer = 0; layer < keys.Length; layer++)
        {
            using var scope = NewDisposeScope();
            var (key, value) = Rows(slot, layer, from, count);
            var (newKey, newValue) = Rows(slot, layer, to, count);
            newKey.copy_(model.Turned(key, to - from)); // a new tensor, so that the two ranges may overlap
            newValue.copy_(value.clone());
        }
    }

    internal override void Clear(int slot)
    {
        using var noGradient = inference_mode();
        for (int layer = 0; layer < keys.Length; layer++)
        {
            using var scope = NewDisposeScope();
            var (key, value) = Rows(slot, layer, 0, Capacity);
            key.zero_();
            value.zero_();
        }
    }

    public override void Dispose()
    {
        foreach (Tensor tensor in keys.Concat(values)) tensor.Dispose();
    }
}
