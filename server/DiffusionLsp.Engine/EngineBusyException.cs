namespace DiffusionLsp.Engine;

/// <summary>Too many requests wait already.</summary>
/// <param name="message">One sentence with cause and cure.</param>
/// <param name="isOwn">As <see cref="IsOwn"/>.</param>
public sealed class EngineBusyException(string message, bool isOwn) : EngineException(message)
{
    /// <summary>They are those of the same session; else everybody's.</summary>
    public bool IsOwn => isOwn;
}
