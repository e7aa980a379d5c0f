namespace DiffusionLsp.Engine.Models;

/// <summary>
/// Keys and values of one sequence, one row per position, in a slot of an arena. A forward writes consecutive rows and sees
/// every row below a given one. Only the planner of the forwards knows which rows are valid.
/// </summary>
internal sealed class KeyValueSlot(KeyValueArena arena, int index)
{
    private int first, seen;

    public KeyValueArena Arena => arena;

    /// <summary>Index of the slot in the arena.</summary>
    public int Index => index;

    /// <summary>Maximum number of rows.</summary>
    public int Capacity => arena.Capacity;

    /// <summary>First row that the next forward writes.</summary>
    public int First => first;

    /// <summary>End of the rows that it sees.</summary>
    public int Seen => seen;

    /// <summary>Sets the rows that the next forward, over this slot alone, writes and sees.</summary>
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

    /// <summary>Moves rows to other positions; the ranges may overlap.</summary>
    public void Move(int from, int to, int count)
    {
        RequireRoom(to + count);
        if (count > 0 && from != to) arena.Move(index, from, to, count);
    }

    /// <summary>Fills the slot with zeros for its next owner.</summary>
    public void Clear() => arena.Clear(index);
}
