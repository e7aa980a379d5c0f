namespace DiffusionLsp.Engine;

/// <summary>Too many requests wait already.</summary>
/// <param name="isOwn">They are those of the same session; else everybody's.</param>
public sealed class EngineBusyException(string message, bool isOwn) : EngineException(message)
{
    public bool IsOwn => isOwn;
}
