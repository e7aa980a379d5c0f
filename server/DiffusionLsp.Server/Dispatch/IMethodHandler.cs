namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// Answers one LSP request. It is called in order of arrival and must get off the queue at the first await: what it
/// needs of the state is in the context, which was taken at its place in the queue.
/// </summary>
internal interface IRequestHandler<in TParams>
{
    string Method { get; }

    /// <summary>The result, null included; it is sent as JSON.</summary>
    Task<object?> HandleAsync(TParams parameters, RequestContext context, CancellationToken cancellation);
}

/// <summary>
/// Takes in one LSP notification. It runs alone, in order of arrival, and may change the server's state; if it throws,
/// that state is unknown and the server stops.
/// </summary>
internal interface INotificationHandler<in TParams>
{
    string Method { get; }

    void Handle(TParams parameters);
}
