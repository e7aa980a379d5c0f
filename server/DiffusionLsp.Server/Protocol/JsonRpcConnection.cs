using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// StreamJsonRpc over two streams, with the serializer options that all wire records share, and errors without stack traces. It knows
/// no methods.
/// </summary>
internal sealed class JsonRpcConnection : JsonRpc
{
    /// <summary>How wire records are read and written: required members must be present, unknown ones are ignored.</summary>
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

    /// <param name="input">The client's output.</param>
    /// <param name="output">The client's input.</param>
    /// <param name="maxBytes">Maximum size of a message.</param>
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

    /// <summary>Raised after an answer was written, on the thread that wrote it, with the timestamp at which it was sent.</summary>
    public event Action<RequestId, long>? Answered;

    /// <summary>Raised when the client no longer accepts answers.</summary>
    public event Action? OutputLost
    {
        add => handler.OutputLost += value;
        remove => handler.OutputLost -= value;
    }

    /// <summary>Raised, in order and between method calls, with the bytes of messages that reached no method.</summary>
    public event Action<byte[]>? Lost
    {
        add => handler.Lost += value;
        remove => handler.Lost -= value;
    }

    /// <summary>Registers a method with both signatures, with a parameter object and without. Other names never reach StreamJsonRpc, which has methods of its own.</summary>
    public void Serve(string method, Delegate withParameters, Delegate withoutParameters)
    {
        var attribute = new JsonRpcMethodAttribute(method) { UseSingleObjectParameterDeserialization = true };
        AddLocalRpcMethod(withParameters.Method, withParameters.Target, attribute);
        AddLocalRpcMethod(withoutParameters.Method, withoutParameters.Target, new JsonRpcMethodAttribute(method));
        handler.Serve(method);
    }

    /// <summary>Waits until everything queued so far is sent, or the client does not accept it in time.</summary>
    public async Task DrainAsync(TimeSpan patience)
    {
        try
        {
            await handler.DrainAsync().WaitAsync(patience).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Whatever is still queued is not sent.
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
    /// Calls methods on the thread that reads their messages, in order and one at a time; the default would first switch to another thread
    /// for each.
    /// </summary>
    private sealed class AtOnce : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }
}
