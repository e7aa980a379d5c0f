namespace DiffusionLsp.Engine;

/// <summary>Thrown when too many requests are waiting.</summary>
/// <param name="message">One sentence with cause and cure.</param>
/// <param name="isOwn">See <see cref="IsOwn"/>.</param>
public sealed class EngineBusyException(string message, bool isOwn) : EngineException(message)
{
    /// <summary>Whether this session's own requests reached its limit; false: those of all sessions reached the engine's.</summary>
    public bool IsOwn => isOwn;
}
