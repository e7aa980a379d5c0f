namespace DiffusionLsp.Server.Remote;

/// <summary>A remote engine did not answer a request. The message is one sentence without code.</summary>
/// <param name="after">When it may be queried again; null: it did not say.</param>
internal sealed class RemoteException(RemoteFailure failure, string message, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    public RemoteFailure Failure => failure;

    public TimeSpan? After => after;
}

/// <summary>What to expect of the next request.</summary>
internal enum RemoteFailure
{
    /// <summary>The network or the engine failed; the next request may succeed.</summary>
    Unreachable,
    /// <summary>The engine reported that it is overloaded.</summary>
    Busy,
    /// <summary>It will reject the next request too, until a setting changes.</summary>
    Refused,
    /// <summary>Only this request cannot be sent to it.</summary>
    Unsuitable,
    /// <summary>The text must not leave this machine.</summary>
    Private,
}
