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
        Converters = { new JsonText(), new WholeLists() },
    };

    private readonly LimitedMessageHandler handler;

    private JsonRpcConnection(LimitedMessageHandler handler) : base(handler) => this.handler = handler;

    /// <param name="input">What the client writes.</param>
    /// <param name="output">What the client reads.</param>
    /// <param name="maxBytes">Largest message accepted.</param>
    /// <param name="complain">Receives one line about each message that is not well-formed.</param>
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

    /// <summary>Raised when the client takes no more answers.</summary>
    public event Action? OutputLost
    {
        add => handler.OutputLost += value;
        remove => handler.OutputLost -= value;
    }

    /// <summary>Raised with the bytes of what no method got to see, between the calls of methods, in order.</summary>
    public event Action<byte[]>? Lost
    {
        add => handler.Lost += value;
        remove => handler.Lost -= value;
    }

    /// <summary>Adds a method in its two shapes, with a parameter object and without. No other name reaches StreamJsonRpc, which has methods of its own.</summary>
    public void Serve(string method, Delegate withParameters, Delegate withoutParameters)
    {
        var attribute = new JsonRpcMethodAttribute(method) { UseSingleObjectParameterDeserialization = true };
        AddLocalRpcMethod(withParameters.Method, withParameters.Target, attribute);
        AddLocalRpcMethod(withoutParameters.Method, withoutParameters.Target, new JsonRpcMethodAttribute(method));
        handler.Serve(method);
    }

    /// <summary>Waits until everything that is to be sent by now is sent, or the client does not take it.</summary>
    public async Task DrainAsync(TimeSpan patience)
    {
        try
        {
            await handler.DrainAsync().WaitAsync(patience).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Then it is not sent.
        }
    }

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
