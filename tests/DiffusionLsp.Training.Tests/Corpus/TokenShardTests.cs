using DiffusionLsp.Engine;
using DiffusionLsp.Training.Corpus;
using FsCheck.Xunit;

namespace DiffusionLsp.Training.Tests.Corpus;

/// <summary>Shards come back as written, and a damaged one is refused in one sentence.</summary>
public sealed class TokenShardTests : IDisposable
{
    private static readonly TokenDocument[] Documents =
    [
        new("src/a.cs", "test:one@1", "MIT", 1, 10, [1, 2, 3]),
        new("src/empty.cs", "test:one@1", "MIT", 2, 0, []),
        new("src/ü/b.cs", "test:two@2", null, 3, 10, [65535, 0]),
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void DocumentsComeBackAsWritten()
    {
        TokenShardWriter.Write(folder.Path, "csharp.train", Documents, 65536, "fingerprint");
        using TokenShard shard = TokenShard.Open(folder.Path, "csharp.train");
        Assert.Equal(("csharp.train", 3, 5L, 65536, "fingerprint"), (shard.Name, shard.Count, shard.TokenCount, shard.VocabularySize, shard.TokenizerFingerprint));
        for (int i = 0; i < Documents.Length; i++)
        {
            Assert.Equal(Documents[i].Tokens, shard.Document(i).ToArray());
            Assert.Equal((Documents[i].Path, Documents[i].Package), (shard.Path(i), shard.Package(i)));
        }
        Assert.Throws<IndexOutOfRangeException>(() => shard.Document(3).Length);
    }

    [Property(MaxTest = 50)]
    public bool AnyTokensComeBack(ushort[][] contents)
    {
        TokenShardWriter.Write(folder.Path, "x.train", [.. contents.Select((tokens, number) => new TokenDocument($"{number}", "p", null, 0, 0, tokens))], 65536, "");
        using TokenShard shard = TokenShard.Open(folder.Path, "x.train");
        return shard.Count == contents.Length && contents.Select((tokens, number) => shard.Document(number).SequenceEqual(tokens)).All(same => same);
    }

    [Fact]
    public void TokensAreLittleEndianOnDisk()
    {
        TokenShardWriter.Write(folder.Path, "x.train", [new("a", "p", null, 0, 0, [0x0102])], 65536, "");
        Assert.Equal([2, 1], File.ReadAllBytes(folder.File("x.train.tokens")));
    }

    [Fact]
    public void AShardWithoutDocumentsIsFine()
    {
        TokenShardWriter.Write(folder.Path, "x.eval", [], 8192, "");
        using TokenShard shard = TokenShard.Open(folder.Path, "x.eval");
        Assert.Equal((0, 0L), (shard.Count, shard.TokenCount));
    }

    [Theory]
    [InlineData("tokens", "missing", "does not exist")]
    [InlineData("index", "missing", "does not exist")]
    [InlineData("tokens", "cut", "where its index expects 10")]
    [InlineData("index", "cut", "does not match its own hash")]
    [InlineData("tokens", "flipped", "does not match the hash in its index")]
    [InlineData("index", "flipped", "does not match its own hash")]
    [InlineData("tokens", "longer", "where its index expects 10")]
    [InlineData("index", "longer", "does not match its own hash")]
    [InlineData("tokens", "empty", "where its index expects 10")]
    [InlineData("index", "empty", "is not an index")]
    [InlineData("index", "foreign", "is not an index")]
    [InlineData("index", "magic only", "does not match its own hash")]
    public void DamageIsRefused(string extension, string damage, string says)
    {
        TokenShardWriter.Write(folder.Path, "x.train", Documents, 65536, "fingerprint");
        string file = folder.File("x.train." + extension);
        Damage(file, damage);
        string message = Assert.Throws<EngineException>(() => TokenShard.Open(folder.Path, "x.train")).Message;
        Assert.Contains(says, message);
        Assert.StartsWith($"'{file}'", message);
        Assert.EndsWith("make the shards again with the corpus verb.", message);
    }

    [Fact]
    public void AnIndexOfOtherTokensIsRefused()
    {
        TokenShardWriter.Write(folder.Path, "x.train", Documents, 65536, "");
        string index = folder.File("x.train.index");
        byte[] old = File.ReadAllBytes(index);
        TokenShardWriter.Write(folder.Path, "x.train", [Documents[0] with { Tokens = [1, 2, 4] }, Documents[1], Documents[2]], 65536, "");
        File.WriteAllBytes(index, old);
        Assert.Contains("does not match the hash", Assert.Throws<EngineException>(() => TokenShard.Open(folder.Path, "x.train")).Message);
    }

    private static void Damage(string file, string damage)
    {
        byte[] content = File.ReadAllBytes(file);
        switch (damage)
        {
            case "missing": File.Delete(file); return;
            case "cut": content = content[..^1]; break;
            case "flipped": content[^3] ^= 4; break;
            case "longer": content = [.. content, 0, 0]; break;
            case "empty": content = []; break;
            case "foreign": content[0] = (byte)'X'; break;
            case "magic only": content = content[..8]; break;
            default: throw new ArgumentException(damage);
        }
        File.WriteAllBytes(file, content);
    }
}
