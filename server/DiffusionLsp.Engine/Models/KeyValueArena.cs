namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Keys (rotated) and values of several sequences, one slot each, in one buffer per layer, so that a forward over rows of
/// several sequences reads them without copying. It knows nothing of tokens or sessions.
/// </summary>
internal abstract class KeyValueArena(ModelConfig config) : IDisposable
{
    private readonly List<KeyValueSlot> slots = [];

    protected ModelConfig Config => config;

    /// <summary>Most rows of a sequence.</summary>
    public int Capacity { get; private set; }

    /// <summary>The slots, by index.</summary>
    public IReadOnlyList<KeyValueSlot> Slots => slots;

    /// <summary>Bytes of one number.</summary>
    protected abstract int NumberBytes { get; }

    /// <summary>Bytes of a slot with so many rows.</summary>
    public long SlotBytes(int capacity) => 2L * config.Layers * config.KeyValueHeads * config.HeadSize * capacity * NumberBytes;

    /// <summary>Makes room; what the slots hold stays.</summary>
    /// <param name="count">Sequences, at least 1.</param>
    /// <param name="capacity">Rows per sequence, at least 1.</param>
    public void Grow(int count, int capacity)
    {
        (count, capacity) = (Math.Max(count, slots.Count), Math.Max(capacity, Capacity));
        if (count == slots.Count && capacity == Capacity) return;
        Resize(count, capacity);
        while (slots.Count < count) slots.Add(new KeyValueSlot(this, slots.Count));
        Capacity = capacity;
    }

    /// <summary>Larger buffers, of zeros where the old ones held nothing.</summary>
    protected abstract void Resize(int count, int capacity);

    /// <summary>Moves rows of a slot to other positions, which may overlap: keys are turned by the difference, in float32.</summary>
    internal abstract void Move(int slot, int from, int to, int count);

    /// <summary>Fills a slot with zeros, for another owner.</summary>
    internal abstract void Clear(int slot);

    public abstract void Dispose();
}
