using DiffusionLsp.Engine.Models.CpuKernels;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Keys and values of one sequence, one row per position, in a slot of an arena. A forward writes a run of rows and sees
/// every row up to a given one. Which rows hold something is known to who plans the forwards.
/// </summary>
internal sealed class KeyValueSlot(KeyValueArena arena, int index)
{
    private int first, seen;

    public KeyValueArena Arena => arena;

    /// <summary>Which slot of the arena.</summary>
    public int Index => index;

    /// <summary>Most rows.</summary>
    public int Capacity => arena.Capacity;

    /// <summary>First row that the coming forward writes.</summary>
    public int First => first;

    /// <summary>End of the rows that it sees.</summary>
    public int Seen => seen;

    /// <summary>Says what the coming forward over this slot alone writes and sees.</summary>
    /// <exception cref="InvalidOperationException">The slot holds fewer rows.</exception>
    public void Begin(int first, int seen)
    {
        RequireRoom(seen);
        (this.first, this.seen) = (first, seen);
    }

    /// <exception cref="InvalidOperationException">The slot holds fewer rows.</exception>
    public void RequireRoom(int rows)
    {
        if (rows > Capacity) throw new InvalidOperationException($"The K/V cache holds {Capacity} rows; {rows} do not fit.");
    }

    /// <summary>Takes the fed rows of one layer and hands out all rows that they may see.</summary>
    /// <param name="key">(1, K, T, d), rotated</param>
    /// <param name="value">(1, K, T, d)</param>
    /// <returns>Views (1, K, S, d); valid until the next write.</returns>
    public (Tensor Keys, Tensor Values) Write(int layer, Tensor key, Tensor value)
    {
        int rows = (int)key.shape[2];
        if (first + rows > seen) throw new InvalidOperationException($"Rows {first} to {first + rows} lie outside of the {seen} that the forward sees.");
        var (newKey, newValue) = arena.Rows(index, layer, first, rows);
        newKey.copy_(key);
        newValue.copy_(value);
        return arena.Rows(index, layer, 0, seen);
    }

    /// <summary>Where a layer's rows lie in the host's memory (<see cref="KeyValueArena.IsInHostMemory"/>).</summary>
    public HostRows HostRows(int layer) => arena.HostRows(index, layer);

    /// <summary>Rows get other positions; the places may overlap.</summary>
    public void Move(int from, int to, int count)
    {
        RequireRoom(to + count);
        if (count > 0 && from != to) arena.Move(index, from, to, count);
    }

    /// <summary>Fills the slot with zeros, for another owner.</summary>
    public void Clear() => arena.Clear(index);
}
