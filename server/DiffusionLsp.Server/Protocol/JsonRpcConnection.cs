using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// StreamJsonRpc over two streams, with the serializer options that all wire records share and errors without stack
/// traces. It knows nothing of methods.
/// </summary>
internal sealed class JsonRpcConnection : JsonRpc
{
    /// <summary>How wire records are written and read; strict about what is required, deaf to what is unknown.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonText() },
    };

    private readonly LimitedMessageHandler handler;

    private JsonRpcConnection(LimitedMessageHandler handler) : base(handler) => this.handler = handler;

    /// <param name="input">What the client writes.</param>
    /// <param name="output">What the client reads.</param>
    /// <param name="maxBytes">Largest message accepted.</param>
    /// <param name="complain">Receives one line about each malformed message.</param>
    public static JsonRpcConnection Over(Stream input, Stream output, int maxBytes, Action<string> complain)
    {
        var formatter = new SystemTextJsonFormatter { JsonSerializerOptions = Options };
        var connection = new JsonRpcConnection(new LimitedMessageHandler(output, input, formatter, maxBytes, complain))
        {
            CancelLocallyInvokedMethodsWhenConnectionIsClosed = true,
            ExceptionStrategy = ExceptionProcessing.CommonErrorData,
            SynchronizationContext = new AtOnce(),
        };
        connection.TraceSource.Switch.Level = SourceLevels.Off;
        return connection;
    }

    /// <summary>Raised when an answer has been written, on the thread that wrote it, with the timestamp when it went out.</summary>
    public event Action<RequestId, long>? Answered;

    protected override void OnResponseSent(JsonRpcMessage response)
    {
        base.OnResponseSent(response);
        Answered?.Invoke(((IJsonRpcMessageWithId)response).RequestId, handler.LastWrite);
    }

    protected override JsonRpcError.ErrorDetail CreateErrorDetails(JsonRpcRequest request, Exception exception)
    {
        if (exception is LocalRpcException known)
            return new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)known.ErrorCode, Message = known.Message };
        return exception is OperationCanceledException
            ? new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)ErrorCodes.RequestCancelled, Message = "The request was cancelled." }
            : new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)ErrorCodes.InternalError, Message = "The server failed on this request; its log says why." };
    }

    /// <summary>
    /// Calls methods where their messages are read, which is in order and one at a time as well; the default would pass each
    /// to another thread first.
    /// </summary>
    private sealed class AtOnce : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }
}
