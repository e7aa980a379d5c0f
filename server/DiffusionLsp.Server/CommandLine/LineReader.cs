using System.Runtime.CompilerServices;

namespace DiffusionLsp.Server.CommandLine;

/// <summary>One line of a stream, without its end.</summary>
/// <param name="Bytes">What it holds; valid until the next line is read. Empty when it is too long.</param>
/// <param name="IsTooLong">It was longer than may be held, and its bytes were passed over.</param>
internal readonly record struct InputLine(ReadOnlyMemory<byte> Bytes, bool IsTooLong);

/// <summary>
/// Cuts a stream of any kind (file, pipe, terminal) into lines, and looks at each byte once however long a line is. A mark of UTF-8 at
/// a line's beginning is no part of it: editors write one, and files that were joined hold several. It knows no JSON.
/// </summary>
/// <param name="mostBytes">Longer lines are passed over.</param>
internal sealed class LineReader(Stream input, int mostBytes)
{
    private const int UsualBuffer = 1 << 16;

    private byte[] buffer = new byte[UsualBuffer];
    private int start, scanned, end;
    private bool isPassingOver;

    /// <summary>Bytes that were read so far.</summary>
    public long BytesRead { get; private set; }

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The lines in their order; each is given out as soon as its end is in.</summary>
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

    /// <summary>Moves what is left of a line to the front, and makes the buffer as long as the line needs.</summary>
    private void MakeRoom()
    {
        int left = end - start;
        if (left > mostBytes)
        {
            isPassingOver = true;
            left = 0;
        }
        int wanted = left < buffer.Length / 2 ? UsualBuffer : buffer.Length; // the buffer of a long line is not kept
        while (wanted - left < UsualBuffer / 2) wanted = (int)Math.Min(Math.Max(wanted * 2L, UsualBuffer), Array.MaxLength);
        if (wanted == buffer.Length && start == 0 && left == end) return; // moving it onto itself would read a long line anew with every piece
        byte[] target = wanted == buffer.Length ? buffer : new byte[wanted];
        buffer.AsSpan(end - left, left).CopyTo(target);
        (buffer, start, scanned, end) = (target, 0, left, left);
    }
}
