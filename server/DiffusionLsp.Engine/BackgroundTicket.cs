namespace DiffusionLsp.Engine;

/// <summary>
/// A request's place behind all others while it is made ahead of time: it begins only when nobody else waits or is served, and is
/// cancelled when somebody comes. It can become one that somebody waits for. Thread-safe.
/// </summary>
public sealed class BackgroundTicket
{
    private const int Ahead = 0, Wanted = 1, Gone = 2;

    private int state;

    /// <summary>Whether nobody waits for it yet.</summary>
    public bool IsAhead => Volatile.Read(ref state) != Wanted;

    /// <summary>Somebody waits for it from now on. False: it has given way already, so it must be asked for again.</summary>
    public bool TryPromote() => Interlocked.CompareExchange(ref state, Wanted, Ahead) != Gone;

    /// <summary>It gives way for good. False: somebody waits for it.</summary>
    internal bool TryGiveWay() => Interlocked.CompareExchange(ref state, Gone, Ahead) != Wanted;
}
