using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Keys (rotated) and values of several sequences, one slot each, in one buffer per layer, so that a forward over rows of
/// several sequences reads them without copying. It knows nothing of tokens or sessions.
/// </summary>
/// <remarks>A slot that changes hands is filled with zeros: packed attention multiplies what a mask hides by zero, which a stale NaN would survive.</remarks>
internal sealed class KeyValueArena : IDisposable
{
    private readonly Transformer model;
    private readonly List<KeyValueSlot> slots = [];
    private Tensor[] keys = [], values = []; // per layer (K, slots · capacity, d)
    private HostRows[] host = []; // where these lie; empty on other devices and in other types

    /// <param name="slots">Sequences, at least 1.</param>
    /// <param name="capacity">Rows per sequence, at least 1.</param>
    public KeyValueArena(Transformer model, int slots, int capacity)
    {
        this.model = model;
        Grow(slots, capacity);
    }

    /// <summary>Most rows of a sequence.</summary>
    public int Capacity { get; private set; }

    /// <summary>Bytes of a slot with so many rows.</summary>
    public long SlotBytes(int capacity) => 2L * model.Config.Layers * model.Config.KeyValueHeads * model.Config.HeadSize * capacity * SafetensorsTypes.SizeOf(model.DataType);

    /// <summary>The slots, by index.</summary>
    public IReadOnlyList<KeyValueSlot> Slots => slots;

    /// <summary>Whether the rows lie in the host's memory as float32, for code that works on them without libtorch.</summary>
    public bool IsInHostMemory => host.Length > 0;

    /// <summary>Makes room; what the slots hold stays.</summary>
    public void Grow(int count, int capacity)
    {
        (count, capacity) = (Math.Max(count, slots.Count), Math.Max(capacity, Capacity));
        if (count == slots.Count && capacity == Capacity) return;
        using var noGradient = no_grad();
        keys = [.. Enumerable.Range(0, model.Config.Layers).Select(layer => Grown(keys.ElementAtOrDefault(layer), count, capacity))];
        values = [.. Enumerable.Range(0, model.Config.Layers).Select(layer => Grown(values.ElementAtOrDefault(layer), count, capacity))];
        host = keys.All(HostMemory.IsPlain) ? [.. keys.Zip(values, (key, value) => CpuKernels.HostRows.Of(key, value))] : [];
        while (slots.Count < count) slots.Add(new KeyValueSlot(this, slots.Count));
        Capacity = capacity;
    }

    private Tensor Grown(Tensor? old, int count, int capacity)
    {
        using var scope = NewDisposeScope();
        (long heads, long size) = (model.Config.KeyValueHeads, model.Config.HeadSize);
        var made = zeros([heads, (long)count * capacity, size], model.DataType, model.Device);
        if (old is not null)
        {
            made.view(heads, count, capacity, size).narrow(1, 0, slots.Count).narrow(2, 0, Capacity).copy_(old.view(heads, slots.Count, Capacity, size));
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

    internal HostRows HostRows(int slot, int layer) => host[layer].From((long)slot * Capacity * model.Config.HeadSize);

    /// <summary>Moves rows of a slot to other positions: keys are turned by the difference, in float32.</summary>
    internal void Move(int slot, int from, int to, int count)
    {
        using var noGradient = inference_mode();
        for (int layer = 0; layer < keys.Length; layer++)
        {
            using var scope = NewDisposeScope();
            var (key, value) = Rows(slot, layer, from, count);
            var (newKey, newValue) = Rows(slot, layer, to, count);
            newKey.copy_(model.Turned(key, to - from)); // made anew, so that the two places may overlap
            newValue.copy_(value.clone());
        }
    }

    internal void Clear(int slot)
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

    public void Dispose()
    {
        foreach (Tensor tensor in keys.Concat(values)) tensor.Dispose();
    }
}
