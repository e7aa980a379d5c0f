namespace DiffusionLsp.Engine;

/// <summary>
/// Gives a prefetch the lowest priority: it starts only while no caller's request is queued or running, and is cancelled as soon
/// as one arrives. It can be promoted once a caller waits for it. Thread-safe.
/// </summary>
public sealed class BackgroundTicket
{
    private const int Ahead = 0, Wanted = 1, Gone = 2;

    private int state;

    /// <summary>Whether no caller waits for the request yet.</summary>
    public bool IsAhead => Volatile.Read(ref state) != Wanted;

    /// <summary>Promotes the request: from now on a caller waits for it. False: it was cancelled already and must be requested again.</summary>
    public bool TryPromote() => Interlocked.CompareExchange(ref state, Wanted, Ahead) != Gone;

    /// <summary>Abandons the request permanently. False: a caller waits for it.</summary>
    internal bool TryGiveWay() => Interlocked.CompareExchange(ref state, Gone, Ahead) != Wanted;
}
