using DiffusionLsp.Server.Remote;

namespace DiffusionLsp.Server.Tests.Remote;

/// <summary>A stream from the network is read up to its limit and no further, however it is read.</summary>
public sealed class BoundedStreamTests
{
    [Theory, InlineData(0), InlineData(99), InlineData(100)]
    public async Task Up_to_the_limit_everything_is_read(int length)
    {
        byte[] sent = new byte[length];
        new Random(length).NextBytes(sent);
        using var copy = new MemoryStream();
        await new BoundedStream(new MemoryStream(sent), 100).CopyToAsync(copy);
        Assert.Equal(sent, copy.ToArray());
    }

    [Theory, InlineData(1), InlineData(7), InlineData(1000)]
    public async Task Beyond_it_reading_fails(int piece)
    {
        byte[] buffer = new byte[piece];
        using var stream = new BoundedStream(new MemoryStream(new byte[101]), 100);
        await Assert.ThrowsAsync<BoundedStreamException>(async () =>
        {
            while (await stream.ReadAsync(buffer) > 0) { }
        });
        using var other = new BoundedStream(new MemoryStream(new byte[101]), 100);
        Assert.Throws<BoundedStreamException>(() =>
        {
            while (other.Read(buffer, 0, piece) > 0) { }
        });
    }

    [Fact]
    public void Closing_it_closes_the_inner_stream()
    {
        var inner = new MemoryStream();
        new BoundedStream(inner, 1).Dispose();
        Assert.False(inner.CanRead);
    }
}
