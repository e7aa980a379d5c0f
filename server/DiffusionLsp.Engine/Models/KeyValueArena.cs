namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Keys (rotated) and values of several sequences, one slot each, in one buffer per layer, so that a forward over rows of
/// several sequences reads them without copying. It knows nothing of tokens or sessions.
/// </summary>
internal abstract class KeyValueArena(ModelConfig config) : IDisposable
{
    private readonly List<KeyValueSlot> slots = [];

    protected ModelConfig Config => config;

    /// <summary>Maximum rows per sequence.</summary>
    public int Capacity { get; private set; }

    /// <summary>The slots, by index.</summary>
    public IReadOnlyList<KeyValueSlot> Slots => slots;

    /// <summary>Bytes per number.</summary>
    protected abstract int NumberBytes { get; }

    /// <summary>Bytes of a slot with this many rows.</summary>
    public long SlotBytes(int capacity) => 2L * config.Layers * config.KeyValueHeads * config.HeadSize * capacity * NumberBytes;

    /// <summary>Grows to at least this size; the slots keep their contents.</summary>
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

    /// <summary>Allocates larger buffers, copies the old contents and fills the rest with zeros.</summary>
    protected abstract void Resize(int count, int capacity);

    /// <summary>Moves rows of a slot to other positions; the ranges may overlap. Keys are rotated by the difference, in float32.</summary>
    internal abstract void Move(int slot, int from, int to, int count);

    /// <summary>Fills a slot with zeros for its next owner.</summary>
    internal abstract void Clear(int slot);

    public abstract void Dispose();
}
