using System.Text;
using DiffusionLsp.Server.CommandLine;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>Lines of a stream, whatever pieces it arrives in.</summary>
public class LineReaderTests
{
    private const int Most = 300_000;

    private static async Task<List<string>> ReadAsync(byte[] input, int piece)
    {
        var lines = new List<string>();
        await foreach (InputLine line in new LineReader(new PieceStream(input, piece), Most).ReadAsync(CancellationToken.None))
            lines.Add(line.IsTooLong ? "too long" : Encoding.UTF8.GetString(line.Bytes.Span));
        return lines;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public async Task Lines_come_whole_and_in_order_in_pieces_of_any_size(int piece)
    {
        string[] lines = ["", "a", "é🙂", "", new string('x', 100_000), "b\r", new string('y', 5_000), "end without a line break"];
        Assert.Equal(lines, await ReadAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), piece));
        Assert.Equal(lines[..^1], await ReadAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines[..^1]) + "\n"), piece));
        Assert.Empty(await ReadAsync([], piece));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1 << 20)]
    public async Task A_mark_of_UTF8_is_no_part_of_a_line_wherever_files_were_joined(int piece) =>
        Assert.Equal(["a", "b", "", "c\uFEFFd"], await ReadAsync(Encoding.UTF8.GetBytes("\uFEFFa\n\uFEFFb\n\uFEFF\nc\uFEFFd\n"), piece));

    [Theory]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public async Task A_line_that_is_too_long_is_passed_over(int piece)
    {
        string[] lines = ["a", new string('x', Most + 1), "b", new string('y', Most), new string('z', 5 * Most)];
        Assert.Equal(["a", "too long", "b", lines[3], "too long"], await ReadAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), piece));
    }

    [Fact]
    public async Task A_long_line_is_read_in_time_proportional_to_its_length()
    {
        const int length = 100_000_000; // with a search from the line's beginning in every piece this takes more than a minute
        async Task<long> Length()
        {
            await foreach (InputLine line in new LineReader(new PieceStream(new byte[length], 4096), int.MaxValue / 4).ReadAsync(CancellationToken.None)) return line.Bytes.Length;
            return 0;
        }
        Assert.Equal(length, await Task.Run(Length).WaitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary>Returns no more than this many bytes at once, as pipes do.</summary>
    private sealed class PieceStream(byte[] content, int piece) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
