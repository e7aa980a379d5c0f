using System.Buffers;
using System.IO.Pipelines;

namespace DiffusionLsp.Server.Protocol;

/// <summary>
/// Cuts what a client writes into messages, and finds its way back after anything that is none: it goes on at the next
/// header, and says in one line what it skipped. It knows nothing of JSON; whether a body is a message, its user says.
/// </summary>
/// <param name="maxBytes">A message that announces more is skipped before anything is allocated for it.</param>
/// <param name="complain">Receives one line about each stretch that is skipped.</param>
internal sealed class FrameReader(PipeReader reader, int maxBytes, Action<string> complain)
{
    private readonly Queue<int> lengths = new(); // that the body which comes next may have; empty: a header comes next
    private long done; // bytes at the start of what the reader holds that nobody needs
    private long searched; // bytes behind these that hold no header
    private long skipped; // bytes without a message since the last header
    private bool isTold; // why they are skipped

    /// <summary>Raised with bytes that belong to no message, on the thread that reads, in their order.</summary>
    public event Action<byte[]>? Skipped;

    /// <summary>The bytes of the next body; null at the end of the stream. Say <see cref="Accept"/> or <see cref="Refuse"/> before the next call.</summary>
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
            // A body stays in the reader until it is accepted. What was "examined" says whether the next read waits for more.
            reader.AdvanceTo(bytes.Start, body is null ? bytes.End : bytes.Start);
            if (body is not null || read.IsCompleted) return body;
        }
    }

    /// <summary>The body was a message.</summary>
    public void Accept()
    {
        done = lengths.Peek();
        searched = 0;
        lengths.Clear();
    }

    /// <summary>The body was none. Returns whether its header names another length, which is tried next.</summary>
    public bool Refuse()
    {
        lengths.Dequeue();
        searched = 0; // the next header may stand in what was taken for the body
        isTold = lengths.Count == 0;
        return lengths.Count > 0;
    }

    /// <summary>The next body, which is left there; null: more bytes are needed. Headers and what is skipped are taken away.</summary>
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
        // Nobody needs it; a header may have begun in what is kept.
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

    /// <summary>"utf8" is an old mistake that LSP allows; ASCII is a part of UTF-8.</summary>
    private static bool IsUtf8(string charset) => charset.ToUpperInvariant() is "UTF-8" or "UTF8" or "US-ASCII" or "ASCII";
}
