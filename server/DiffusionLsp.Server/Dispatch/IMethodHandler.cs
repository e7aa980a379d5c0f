namespace DiffusionLsp.Server.Dispatch;

/// <summary>
/// Answers one LSP request. Handlers are called in order of arrival and must leave the queue at their first await: the state they need
/// is in the context, which was captured at their place in the queue.
/// </summary>
internal interface IRequestHandler<in TParams>
{
    string Method { get; }

    /// <summary>Returns the result, which is sent as JSON and may be null.</summary>
    /// <exception cref="System.Text.Json.JsonException">The parameters are invalid; answered with InvalidParams.</exception>
    /// <exception cref="StreamJsonRpc.LocalRpcException">Answered with its code and message.</exception>
    /// <exception cref="OperationCanceledException">The request was cancelled; answered with RequestCancelled. Any other exception is logged and answered as an internal error.</exception>
    Task<object?> HandleAsync(TParams parameters, RequestContext context, CancellationToken cancellation);
}

/// <summary>
/// Handles one LSP notification. Handlers run alone, in order of arrival, and may change the server's state; if one throws, that state
/// is unknown and the server stops.
/// </summary>
internal interface INotificationHandler<in TParams>
{
    string Method { get; }

    void Handle(TParams parameters);
}
