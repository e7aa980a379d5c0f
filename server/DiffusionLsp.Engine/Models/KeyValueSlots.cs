using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Keys and values of a whole sequence, one slot per position, in buffers allocated once. Any run of slots can be
/// written again, and slots can be taken out or put in: what stands behind them then moves. Keys are therefore kept as
/// projected, and rotated again at their new positions; the rotated copy beside them saves every other forward the
/// rotation. It knows nothing of tokens.
/// </summary>
/// <remarks>Turning rotated keys by the difference would need no second copy, but errors would add up with each move.</remarks>
internal sealed class KeyValueSlots : IKeyValueStore, IDisposable
{
    private readonly Transformer model;
    private readonly Tensor[] keys, rotatedKeys, values; // per layer (1, K, capacity, d)
    private int next;

    public KeyValueSlots(Transformer model, int capacity)
    {
        this.model = model;
        Capacity = capacity;
        ModelConfig config = model.Config;
        Tensor[] Buffers() => [.. Enumerable.Range(0, config.Layers).Select(_ =>
            empty([1, config.KeyValueHeads, capacity, config.HeadSize], model.DataType, model.Device).DetachFromDisposeScope())];
        (keys, rotatedKeys, values) = (Buffers(), Buffers(), Buffers());
    }

    /// <summary>Most slots.</summary>
    public int Capacity { get; }

    /// <summary>Slots in use; a forward sees them all.</summary>
    public int Length { get; private set; }

    /// <summary>Says where the rows of the next forward belong.</summary>
    /// <param name="slot">Slot of its first row, which is that row's position.</param>
    public void WriteFrom(int slot) => next = slot;

    public (Tensor Keys, Tensor Values) Write(int layer, Tensor key, Tensor rotated, Tensor value)
    {
        long rows = key.shape[2];
        if (next + rows > Length) throw new InvalidOperationException($"The sequence has {Length} slots; rows {next} to {next + rows} lie outside.");
        Put(keys[layer], key, next);
        Put(rotatedKeys[layer], rotated, next);
        Put(values[layer], value, next);
        return (rotatedKeys[layer].narrow(2, 0, Length), values[layer].narrow(2, 0, Length));
    }

    /// <summary>
    /// Takes slots out and puts others in at the same place, which the next forward must write. Everything behind them
    /// keeps its keys and values, at its new positions.
    /// </summary>
    /// <exception cref="InvalidOperationException">The sequence would exceed the capacity.</exception>
    public void Splice(int start, int removed, int inserted)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + removed, Length);
        int behind = Length - start - removed, length = start + inserted + behind;
        if (length > Capacity) throw new InvalidOperationException($"The K/V cache holds {Capacity} rows; {length} do not fit.");
        if (behind > 0 && inserted != removed) Move(start + removed, start + inserted, behind);
        Length = length;
    }

    private void Move(int from, int to, int count)
    {
        using var noGradient = inference_mode();
        for (int layer = 0; layer < keys.Length; layer++)
        {
            using var scope = NewDisposeScope();
            var key = keys[layer].narrow(2, from, count).clone(); // the two places may overlap
            Put(keys[layer], key, to);
            Put(rotatedKeys[layer], model.Rotated(key, to), to);
            Put(values[layer], values[layer].narrow(2, from, count).clone(), to);
        }
    }

    private static void Put(Tensor buffer, Tensor rows, int slot)
    {
        using var place = buffer.narrow(2, slot, rows.shape[2]);
        place.copy_(rows);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in keys.Concat(rotatedKeys).Concat(values)) tensor.Dispose();
    }
}
