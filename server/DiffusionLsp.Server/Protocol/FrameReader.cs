using System.Buffers;
using System.IO.Pipelines;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// Splits what a client writes into messages, and resynchronises after anything else: it continues at the next header, and reports in one
/// line what it skipped. It knows nothing of JSON; its caller decides whether a body is a message.
/// </summary>
/// <param name="maxBytes">A message that announces more is skipped without allocating memory for it.</param>
/// <param name="complain">Receives one line about each skipped range.</param>
internal sealed class FrameReader(PipeReader reader, int maxBytes, Action<string> complain)
{
    private readonly Queue<int> lengths = new(); // candidate lengths of the next body; empty: a header comes next
    private long done; // leading bytes of the buffer that are no longer needed
    private long searched; // bytes after these that contain no header
    private long skipped; // bytes since the last header that belong to no message
    private bool isTold; // whether the reason was reported

    /// <summary>Raised on the reading thread with bytes that belong to no message, in order.</summary>
    public event Action<byte[]>? Skipped;

    /// <summary>The bytes of the next body; null: end of the stream. Call <see cref="Accept"/> or <see cref="Refuse"/> before the next call.</summary>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            ReadOnlySequence<byte> bytes = read.Buffer.Slice(done);
            done = 0;
            byte[]? body = Body(ref bytes);
            if (body is null && read.IsCompleted)
            {
                TellEnd(bytes);
                bytes = bytes.Slice(bytes.End);
            }
            // A body stays in the reader until it is accepted. The "examined" position determines whether the next read waits for more.
            reader.AdvanceTo(bytes.Start, body is null ? bytes.End : bytes.Start);
            if (body is not null || read.IsCompleted) return body;
        }
    }

    /// <summary>Confirms that the body was a message.</summary>
    public void Accept()
    {
        done = lengths.Peek();
        searched = 0;
        lengths.Clear();
    }

    /// <summary>Rejects the body as not a message. Returns whether its header announces another length, which is tried next.</summary>
    public bool Refuse()
    {
        lengths.Dequeue();
        searched = 0; // the next header may be inside the rejected body
        isTold = lengths.Count == 0;
        return lengths.Count > 0;
    }

    /// <summary>The next body, which stays in the buffer; null: more bytes are needed. Headers and skipped bytes are consumed.</summary>
    private byte[]? Body(ref ReadOnlySequence<byte> bytes)
    {
        while (lengths.Count > 0 || TakeHeader(ref bytes))
        {
            int length = lengths.Peek();
            if (bytes.Length >= length) return bytes.Slice(0, length).ToArray();
            if (!FrameHeader.IsIn(bytes, ref searched)) return null;
            Tell($"a message of {length} bytes was announced, but another one begins before its end; it is skipped");
            lengths.Clear();
            searched = 0;
        }
        return null;
    }

    private bool TakeHeader(ref ReadOnlySequence<byte> bytes)
    {
        while (FrameHeader.Find(bytes, ref searched) is { } header)
        {
            Skip(bytes.Slice(0, header.Start));
            bytes = bytes.Slice(header.End);
            (searched, skipped, isTold) = (0, 0, false);
            if (header.Charset is { } charset && !IsUtf8(charset)) Tell("a message is not in UTF-8 and is skipped");
            else if (header.Lengths[0] > maxBytes) Tell($"a message of {header.Lengths[0]} bytes is over the limit of {maxBytes} and is skipped");
            else
            {
                foreach (long length in header.Lengths.Where(length => length <= maxBytes)) lengths.Enqueue((int)length);
                return true;
            }
        }
        long surplus = Math.Min(bytes.Length - FrameHeader.Most, searched);
        if (surplus <= 0) return false;
        // Skipped; a header may have begun in the bytes that are kept.
        Skip(bytes.Slice(0, surplus));
        bytes = bytes.Slice(surplus);
        searched -= surplus;
        return false;
    }

    private void Skip(in ReadOnlySequence<byte> bytes)
    {
        bool isQuiet = skipped == 0 && bytes.Length <= FrameHeader.Most && FrameHeader.MayPrecede(FrameHeader.Text(bytes));
        skipped += bytes.Length;
        if (isQuiet) return;
        Tell("bytes that belong to no message are skipped");
        Skipped?.Invoke(bytes.ToArray());
    }

    private void Tell(string line)
    {
        if (!isTold) complain(line);
        isTold = true;
    }

    private void TellEnd(in ReadOnlySequence<byte> bytes)
    {
        if (lengths.Count > 0) Tell("the stream ended within a message");
        else Skip(bytes);
    }

    /// <summary>LSP allows the legacy spelling "utf8"; ASCII is a subset of UTF-8.</summary>
    private static bool IsUtf8(string charset) => charset.ToUpperInvariant() is "UTF-8" or "UTF8" or "US-ASCII" or "ASCII";
}
