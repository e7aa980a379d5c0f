using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// LSP framing with limits: a header that announces more than the limit ends the connection before anything is
/// allocated, and a body that is no JSON is answered with a parse error instead of ending it.
/// </summary>
internal sealed class LimitedMessageHandler : HeaderDelimitedMessageHandler
{
    /// <summary>Default limit of one message: 64 MiB.</summary>
    public const int DefaultMaxBytes = 64 << 20;

    private const int MaxHeaderBytes = 4096;

    private readonly int maxBytes;
    private readonly Action<string> complain;

    /// <summary>Closes both streams when it is disposed.</summary>
    public LimitedMessageHandler(Stream output, Stream input, IJsonRpcMessageFormatter formatter, int maxBytes, Action<string> complain)
        // Given streams, the base class would write through a pipe that another thread empties.
        : base(PipeWriter.Create(output), PipeReader.Create(input), formatter)
    {
        (this.maxBytes, this.complain) = (maxBytes, complain);
        // A read under way ends only so.
        DisposalToken.Register(input.Dispose);
    }

    /// <summary>When the last message went out, as <see cref="Stopwatch.GetTimestamp"/>. Its write returns later: the system wakes the client first, and on the same core lets it run.</summary>
    public long LastWrite { get; private set; }

    protected override ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        LastWrite = Stopwatch.GetTimestamp();
        return base.FlushAsync(cancellationToken);
    }

    protected override async ValueTask<JsonRpcMessage?> ReadCoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await CheckHeaderAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await base.ReadCoreAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is JsonException or DecoderFallbackException)
            {
                complain("a message was not valid JSON and is ignored");
                await WriteAsync(ParseError(), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static JsonRpcError ParseError() => new()
    {
        RequestId = RequestId.Null,
        Error = new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)ErrorCodes.ParseError, Message = "The message is not valid JSON." },
    };

    /// <summary>Looks at the next header without consuming it.</summary>
    private async ValueTask CheckHeaderAsync(CancellationToken cancellation)
    {
        PipeReader reader = Reader!;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            string? header = Header(read.Buffer);
            bool enough = header is not null || read.IsCompleted || read.Buffer.Length > MaxHeaderBytes;
            // Nothing is consumed; "examined" decides whether the next read waits for more.
            reader.AdvanceTo(read.Buffer.Start, enough ? read.Buffer.Start : read.Buffer.End);
            if (!enough) continue;
            if (header is null && !read.IsCompleted) throw new BadRpcHeaderException($"A message header is longer than {MaxHeaderBytes} bytes.");
            if (header is not null && ContentLength(header) > maxBytes)
                throw new BadRpcHeaderException($"A message of {ContentLength(header)} bytes is over the limit of {maxBytes}.");
            return;
        }
    }

    private static string? Header(ReadOnlySequence<byte> buffer)
    {
        string start = Encoding.ASCII.GetString(buffer.Slice(0, Math.Min(buffer.Length, MaxHeaderBytes)));
        int end = start.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0 ? null : start[..end];
    }

    private static long ContentLength(string header)
    {
        foreach (string line in header.Split("\r\n"))
        {
            if (!line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) continue;
            string number = line["Content-Length:".Length..].Trim();
            return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long length) ? length : long.MaxValue;
        }
        return 0;
    }
}
