namespace DiffusionLsp.Server.Remote;

/// <summary>An engine elsewhere did not answer a request. The message is one sentence and holds no code.</summary>
/// <param name="after">After which it may be asked again, where it said so.</param>
internal sealed class RemoteException(RemoteFailure failure, string message, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    public RemoteFailure Failure => failure;

    public TimeSpan? After => after;
}

/// <summary>What there is to expect of the next request.</summary>
internal enum RemoteFailure
{
    /// <summary>The network or the engine failed: perhaps the next one is answered.</summary>
    Unreachable,
    /// <summary>The engine has too much to do, and said so.</summary>
    Busy,
    /// <summary>It will refuse the next one too, until somebody changes a setting.</summary>
    Refused,
    /// <summary>Only this request cannot be put to it.</summary>
    Unsuitable,
    /// <summary>The text must not leave this machine.</summary>
    Private,
}
