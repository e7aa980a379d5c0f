using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// LSP framing for StreamJsonRpc that no client input can end: what is not a message is skipped, what is not JSON-RPC is answered or
/// logged, and StreamJsonRpc reads only what <see cref="MessageCheck"/> has passed.
/// </summary>
internal sealed class LimitedMessageHandler : HeaderDelimitedMessageHandler
{
    /// <summary>Default size limit of a message: 64 MiB.</summary>
    public const int DefaultMaxBytes = 64 << 20;

    private const int ReadAtOnce = 64 << 10;

    private readonly Action<string> complain;
    private readonly FrameReader frames;
    private readonly MessageCheck check;
    private readonly ConcurrentDictionary<string, bool> methods = new();
    private readonly ConcurrentDictionary<RequestId, bool> asked = new(); // this server's requests that are still unanswered
    private readonly ConcurrentDictionary<RequestId, bool> open = new(); // the client's requests that are still unanswered

    /// <summary>Disposing it closes both streams.</summary>
    public LimitedMessageHandler(Stream output, Stream input, IJsonRpcMessageFormatter formatter, int maxBytes, Action<string> complain)
        // If given streams, the base class would write through a pipe that another thread drains.
        : base(PipeWriter.Create(output), PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: ReadAtOnce)), formatter)
    {
        this.complain = complain;
        frames = new FrameReader(Reader!, maxBytes, complain);
        frames.Skipped += bytes => Lost?.Invoke(bytes);
        check = new MessageCheck(methods.ContainsKey, id => asked.TryRemove(id, out _));
        // The only way to end a pending read.
        DisposalToken.Register(input.Dispose);
    }

    /// <summary>Raised, in order and between method calls, with the bytes of messages that reached no method.</summary>
    public event Action<byte[]>? Lost;

    /// <summary>Raised when the client no longer accepts answers.</summary>
    public event Action? OutputLost;

    /// <summary>When the last message was sent, as <see cref="Stopwatch.GetTimestamp"/>. The write call returns later: the system wakes the client first and, on the same core, lets it run.</summary>
    public long LastWrite { get; private set; }

    /// <summary>Allows messages for this method.</summary>
    public void Serve(string method) => methods[method] = true;

    /// <summary>Completes when everything queued so far is written.</summary>
    public Task DrainAsync() => WriteAsync(new Raw([]), CancellationToken.None).AsTask();

    protected override async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        LastWrite = Stopwatch.GetTimestamp();
        try
        {
            await base.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            OutputLost?.Invoke();
            throw;
        }
    }

    protected override async ValueTask<JsonRpcMessage?> ReadCoreAsync(CancellationToken cancellationToken)
    {
        while (await frames.ReadAsync(cancellationToken).ConfigureAwait(false) is { } body)
        {
            Verdict? verdict = Checked(body);
            if (verdict is not null) frames.Accept();
            else if (frames.Refuse()) continue;
            else verdict = new Refusal("null"u8.ToArray(), ErrorCodes.ParseError, "The message is not valid JSON.");
            if (Message(verdict) is { } message) return message;
            Lost?.Invoke(body);
        }
        return null;
    }

    /// <summary>A bug in the check must cost one message, not the connection.</summary>
    private Verdict? Checked(byte[] body)
    {
        try
        {
            return check.Read(body);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            complain($"a message could not be checked ({e.Message.ReplaceLineEndings(" ")})");
            return new Refusal("null"u8.ToArray(), ErrorCodes.InternalError, "The server failed on this message.");
        }
    }

    protected override void Write(JsonRpcMessage content, CancellationToken cancellationToken)
    {
        switch (content)
        {
            case Raw raw:
                Writer!.Write(raw.Bytes);
                return;
            case JsonRpcRequest { IsResponseExpected: true } request:
                asked[request.RequestId] = true;
                break;
            case IJsonRpcMessageWithId answer and not JsonRpcRequest:
                open.TryRemove(answer.RequestId, out _);
                break;
        }
        // StreamJsonRpc's own error data contains .NET type names and stack traces.
        if (content is JsonRpcError { Error: { Data: not null } detail })
            (detail.Data, detail.Message) = (null, "The message does not fit the method.");
        base.Write(content, cancellationToken);
    }

    /// <summary>What is passed on to StreamJsonRpc; null: the message has been dealt with.</summary>
    private JsonRpcMessage? Message(Verdict verdict)
    {
        if (verdict is Passed { Id: { IsEmpty: false, IsNull: false } id } && !open.TryAdd(id, true))
            verdict = new Refusal(MessageCheck.Json(id), ErrorCodes.InvalidRequest, "Another request with this id has not been answered yet.");
        switch (verdict)
        {
            case Passed passed:
                return Formatter.Deserialize(new ReadOnlySequence<byte>(passed.Json));
            case Refusal refusal:
                complain($"a message is refused: {refusal.Sentence}");
                _ = SendAsync(refusal);
                return null;
            case Dropped { Line: { } line }:
                complain(line);
                return null;
            default:
                return null;
        }
    }

    /// <summary>Reading does not wait for this: a client may write everything before it reads anything.</summary>
    private async Task SendAsync(Refusal refusal)
    {
        try
        {
            byte[] json = refusal.Json();
            await WriteAsync(new Raw([.. Encoding.ASCII.GetBytes($"Content-Length: {json.Length}\r\n\r\n"), .. json]), DisposalToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended.
        }
    }

    /// <summary>Bytes to be written as they are.</summary>
    private sealed class Raw(byte[] bytes) : JsonRpcMessage
    {
        public byte[] Bytes { get; } = bytes;
    }
}
