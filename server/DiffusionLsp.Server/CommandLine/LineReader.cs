using System.Runtime.CompilerServices;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>One line of a stream, without its line ending.</summary>
/// <param name="Bytes">Its contents, valid until the next line is read; empty if it is too long.</param>
/// <param name="IsTooLong">Whether it exceeded the limit and was skipped.</param>
internal readonly record struct InputLine(ReadOnlyMemory<byte> Bytes, bool IsTooLong);

/// <summary>
/// Splits a stream of any kind (file, pipe, terminal) into lines, reading each byte once however long a line is. A UTF-8 byte order mark
/// at the start of a line is dropped: editors write one, and concatenated files contain several. It knows no JSON.
/// </summary>
/// <param name="mostBytes">Maximum line length; longer lines are skipped.</param>
internal sealed class LineReader(Stream input, int mostBytes)
{
    private const int UsualBuffer = 1 << 16;

    private byte[] buffer = new byte[UsualBuffer];
    private int start, scanned, end;
    private bool isPassingOver;

    /// <summary>Bytes read so far.</summary>
    public long BytesRead { get; private set; }

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The lines in order; each is returned as soon as its end has arrived.</summary>
    public async IAsyncEnumerable<InputLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            while (buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n') is var length and >= 0)
            {
                int lineEnd = scanned + length;
                yield return Take(lineEnd);
                start = scanned = lineEnd + 1;
            }
            scanned = end;
            MakeRoom();
            int count = await input.ReadAsync(buffer.AsMemory(end), cancellation).ConfigureAwait(false);
            BytesRead += count;
            end += count;
            if (count > 0) continue;
            if (end > start || isPassingOver) yield return Take(end);
            yield break;
        }
    }

    private InputLine Take(int lineEnd)
    {
        bool isTooLong = isPassingOver || lineEnd - start > mostBytes;
        isPassingOver = false;
        ReadOnlyMemory<byte> line = buffer.AsMemory(start, lineEnd - start);
        if (line.Span.StartsWith(Mark)) line = line[Mark.Length..];
        return isTooLong ? new InputLine(default, true) : new InputLine(line, false);
    }

    /// <summary>Moves an incomplete line to the front of the buffer, and grows the buffer to what the line needs.</summary>
    private void MakeRoom()
    {
        int left = end - start;
        if (left > mostBytes)
        {
            isPassingOver = true;
            left = 0;
        }
        int wanted = left < buffer.Length / 2 ? UsualBuffer : buffer.Length; // a long line's buffer is not kept
        while (wanted - left < UsualBuffer / 2) wanted = (int)Math.Min(Math.Max(wanted * 2L, UsualBuffer), Array.MaxLength);
        if (wanted == buffer.Length && start == 0 && left == end) return; // otherwise every piece of a long line would copy it again
        byte[] target = wanted == buffer.Length ? buffer : new byte[wanted];
        buffer.AsSpan(end - left, left).CopyTo(target);
        (buffer, start, scanned, end) = (target, 0, left, left);
    }
}
