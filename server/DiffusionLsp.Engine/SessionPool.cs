using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine;

/// <summary>
/// The sessions and their K/V slots: as many as were needed at once, at most a given number. A new session takes over the slot
/// of the one that was used least recently, which is emptied. On the device thread.
/// </summary>
/// <param name="capacity">Rows of a slot to begin with; it grows with a longer request.</param>
/// <param name="mostSlots">Most sessions that are kept.</param>
internal sealed class SessionPool(LoadedModel model, ModelRunner runner, int capacity, int mostSlots) : IDisposable
{
    private readonly KeyValueArena arena = new(model.Transformer, 1, capacity);
    private readonly LinkedList<Session> sessions = new(); // the last used first

    /// <summary>Sessions that are kept.</summary>
    public int Count => sessions.Count;

    /// <summary>Sessions with a request under way.</summary>
    public int Busy => sessions.Count(s => s.IsBusy);

    /// <summary>Whether the session of that name can be rented now: it exists and rests, or there is a slot for it.</summary>
    public bool HasRoom(string name) => sessions.FirstOrDefault(s => s.Name == name) is { } known ? !known.IsBusy : sessions.Count < mostSlots || sessions.Any(s => !s.IsBusy);

    /// <summary>The session of that name, for one request: until it is no longer busy.</summary>
    /// <param name="rows">Rows that the request needs.</param>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    public Session Rent(string name, int rows)
    {
        if (!HasRoom(name)) throw new InvalidOperationException("The session is busy, or every slot is.");
        if (rows > arena.Capacity) arena.Grow(arena.Slots.Count, rows);
        Session session = sessions.FirstOrDefault(s => s.Name == name) ?? new Session(name, model, runner, FreeSlot());
        sessions.Remove(session);
        sessions.AddFirst(session);
        session.IsBusy = true;
        return session;
    }

    private KeyValueSlot FreeSlot()
    {
        if (sessions.Count < mostSlots)
        {
            if (arena.Slots.Count == sessions.Count) arena.Grow(Math.Min(mostSlots, Math.Max(1, 2 * sessions.Count)), arena.Capacity);
            return arena.Slots.Except(sessions.Select(s => s.Slot)).First();
        }
        Session oldest = sessions.Last(s => !s.IsBusy);
        sessions.Remove(oldest);
        oldest.Slot.Clear();
        return oldest.Slot;
    }

    /// <summary>Empties every session's cache.</summary>
    public void Reset()
    {
        foreach (Session session in sessions) session.Reset();
    }

    public void Dispose() => arena.Dispose();
}
