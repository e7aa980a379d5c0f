using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine;

/// <summary>
/// The sessions and their K/V slots: as many as were needed at once, limited in number and memory. A new session takes over the
/// slot of the least recently used idle one, which is cleared. On the decode thread.
/// </summary>
/// <param name="capacity">Initial rows of a slot; longer requests make it grow.</param>
/// <param name="mostSlots">Maximum number of sessions kept.</param>
/// <param name="mostBytes">Maximum bytes of all slots together; one slot always exists.</param>
internal sealed class SessionPool(LoadedModel model, ModelRunner runner, int capacity, int mostSlots, long mostBytes) : IDisposable
{
    private KeyValueArena arena = runner.NewArena(1, capacity);
    private readonly LinkedList<Session> sessions = new(); // most recently used first

    /// <summary>Sessions kept.</summary>
    public int Count => sessions.Count;

    /// <summary>Sessions with a running request.</summary>
    public int Busy => sessions.Count(s => s.IsBusy);

    /// <summary>Sessions that there is room for.</summary>
    public int Room => MostSlots(arena.Capacity);

    /// <summary>Bytes of all slots together, and of one.</summary>
    public (long All, long One) Bytes => (arena.Slots.Count * arena.SlotBytes(arena.Capacity), arena.SlotBytes(arena.Capacity));

    /// <summary>Whether the named session can be rented now: it exists and is idle, or there is a slot for it.</summary>
    /// <param name="rows">Rows that the request needs.</param>
    public bool HasRoom(string name, int rows)
    {
        if (IsTooLong(rows)) return Busy == 0;
        return sessions.FirstOrDefault(s => s.Name == name) is { } known ? !known.IsBusy : sessions.Count < MostSlots(arena.Capacity) || sessions.Any(s => !s.IsBusy);
    }

    /// <summary>How many sessions fit with this many rows each.</summary>
    private int MostSlots(int rows) => (int)Math.Clamp(mostBytes / arena.SlotBytes(rows), 1, mostSlots);

    /// <summary>Whether growing all existing slots to this many rows would exceed the memory limit.</summary>
    private bool IsTooLong(int rows) => rows > arena.Capacity && arena.Slots.Count > MostSlots(rows);

    /// <summary>Rents the named session for one request, until its <see cref="Session.IsBusy"/> is reset.</summary>
    /// <param name="rows">Rows that the request needs.</param>
    /// <exception cref="InvalidOperationException">There is no room (<see cref="HasRoom"/>).</exception>
    public Session Rent(string name, int rows)
    {
        if (!HasRoom(name, rows)) throw new InvalidOperationException("The session is busy, or every slot is.");
        if (IsTooLong(rows)) BeginAnew(rows);
        else if (rows > arena.Capacity) arena.Grow(arena.Slots.Count, rows);
        Session session = sessions.FirstOrDefault(s => s.Name == name) ?? new Session(name, model, runner, FreeSlot());
        sessions.Remove(session);
        sessions.AddFirst(session);
        session.IsBusy = true;
        return session;
    }

    private KeyValueSlot FreeSlot()
    {
        int most = MostSlots(arena.Capacity);
        if (sessions.Count < most)
        {
            if (arena.Slots.Count == sessions.Count) arena.Grow(Math.Min(most, Math.Max(1, 2 * sessions.Count)), arena.Capacity);
            return arena.Slots.Except(sessions.Select(s => s.Slot)).First();
        }
        Session oldest = sessions.Last(s => !s.IsBusy);
        sessions.Remove(oldest);
        oldest.Slot.Clear();
        return oldest.Slot;
    }

    /// <summary>Replaces the arena with one of fewer, longer slots; all sessions are lost.</summary>
    private void BeginAnew(int rows)
    {
        sessions.Clear();
        arena.Dispose();
        arena = runner.NewArena(1, rows);
    }

    /// <summary>Empties every session's cache.</summary>
    public void Reset()
    {
        foreach (Session session in sessions) session.Reset();
    }

    public void Dispose() => arena.Dispose();
}
