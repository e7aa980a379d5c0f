using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Tests.Protocol;

[Trait("tier", "slow")]
public class FrameReaderTests
{
    private readonly List<string> told = [];

    private static string Framed(string body) => $"Content-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>What the reader finds in the text; a body is a message if it begins with an "m".</summary>
    /// <param name="piece">Bytes that arrive at once.</param>
    private async Task<string[]> MessagesAsync(string text, int piece)
    {
        var stream = new Pieces(Encoding.UTF8.GetBytes(text), piece);
        var frames = new FrameReader(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16, minimumReadSize: 1)), maxBytes: 100, told.Add);
        var messages = new List<string>();
        while (await frames.ReadAsync(CancellationToken.None) is { } body)
        {
            string message = Encoding.UTF8.GetString(body);
            if (!message.StartsWith('m'))
            {
                frames.Refuse();
                continue;
            }
            messages.Add(message);
            frames.Accept();
        }
        return [.. messages];
    }

    /// <summary>Whatever pieces the bytes arrive in, the messages around an invalid frame are found, and it is reported once.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("\r\n\n\r\n", 0)]
    [InlineData("rubbish", 1)]
    [InlineData("Content-Length: 7\r\n\r\nno good", 0)] // its user tells
    [InlineData("Content-Length: 50\r\n\r\nmcut off", 1)]
    [InlineData("Content-Length: 50\r\nmcut off", 1)]
    [InlineData("Content-Length: 50\r\n", 0)] // the lengths are tried in turn
    [InlineData("Content-Length: 101\r\n\r\nm and so on", 1)]
    [InlineData("Content-Length: 9\r\nContent-Length: 101\r\n\r\nno good m", 0)]
    [InlineData("Content-Length: 3\r\n\r\nno good", 0)]
    [InlineData("Content-Length: 12\r\n\r\nno good", 0)] // five bytes of the next header are taken for the body
    [InlineData("Content-Length:\r\n\r\nm", 1)]
    [InlineData("Content-Length: 0\r\n\r\n", 0)]
    [InlineData("Content-Leng", 1)]
    [InlineData("a: 1\r\n: 5\r\nContent-Length: 99999999999999999999999\r\n\r\n", 2)]
    public async Task The_next_message_is_found(string between, int lines)
    {
        string text = Framed("m1") + between + Framed("m2 Content-Length: 9") + between + Framed("m3");
        foreach (int piece in (int[])[1, 2, 3, 7, 16, 1000])
        {
            told.Clear();
            Assert.Equal(["m1", "m2 Content-Length: 9", "m3"], await MessagesAsync(text, piece));
            Assert.Equal(2 * lines, told.Count);
        }
    }

    [Theory]
    [InlineData("Content-Length: 9\r\n\r\nm", "within a message")]
    [InlineData("Content-Len", "no message")]
    [InlineData("\r\n", null)]
    public async Task The_end_may_come_anywhere(string last, string? line)
    {
        Assert.Equal(["m1"], await MessagesAsync(Framed("m1") + last, 1000));
        if (line is null) Assert.Empty(told);
        else Assert.Contains(line, Assert.Single(told));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("x: y\r\n")]
    [InlineData("Content-Length: 5\r")]
    [InlineData("Content-Length: 5\r\n")]
    [InlineData("\r\n")]
    public async Task What_never_becomes_a_header_does_not_fill_the_memory(string repeated)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(repeated, (4 << 20) / repeated.Length)));
        using var pool = new CountingPool();
        var frames = new FrameReader(PipeReader.Create(new Pieces(bytes, 1 << 16), new StreamPipeReaderOptions(pool, bufferSize: 1 << 16)), maxBytes: 100, told.Add);
        while (await frames.ReadAsync(CancellationToken.None) is not null) frames.Refuse();
        Assert.InRange(pool.Most, 1, 1 << 20);
        Assert.InRange(told.Count, 0, 1);
    }

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }

    /// <summary>Counts the bytes that are on loan.</summary>
    private sealed class CountingPool : MemoryPool<byte>
    {
        private long lent;

        public long Most { get; private set; }

        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            var loan = new Loan(this, minBufferSize);
            lent += loan.Memory.Length;
            Most = Math.Max(Most, lent);
            return loan;
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Loan(CountingPool pool, int size) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[Math.Max(size, 4096)];

            public void Dispose() => pool.lent -= Memory.Length;
        }
    }
}
