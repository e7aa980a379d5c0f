using System.Security.Cryptography;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Tests.Files;

/// <summary>Our SHA-256 against the system's.</summary>
public sealed class Sha256Tests
{
    [Fact]
    public void Every_length_around_blocks_gives_what_the_system_gives()
    {
        byte[] content = new byte[400];
        new Random(1).NextBytes(content);
        for (int length = 0; length <= content.Length; length++) Assert.Equal(SHA256.HashData(content.AsSpan(0, length)), Sha256.Of(content.AsSpan(0, length)));
    }

    [Fact]
    public void Pieces_give_what_the_whole_gives()
    {
        var random = new Random(2);
        var content = new byte[100_000];
        random.NextBytes(content);
        var hash = new Sha256();
        for (int at = 0; at < content.Length;)
        {
            int length = Math.Min(random.Next(0, 200), content.Length - at);
            hash.Append(content.AsSpan(at, length));
            at += length;
        }
        Assert.Equal(SHA256.HashData(content), hash.Finish());
    }
}
