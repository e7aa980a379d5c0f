using System.IO.Compression;
using System.Text;
using DiffusionLsp.Engine;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Tests.Corpus;

/// <summary>Corpus files come back as written, and damage is named with file and line.</summary>
public sealed class CorpusFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void DocumentsComeBackAsWritten()
    {
        CorpusDocument[] documents = [SmallCorpus.Document("a\n\t\"é\" 👍"), SmallCorpus.Document("b", "c.cs") with { License = null }];
        string file = SmallCorpus.Write(folder.Path, "train", "csharp", documents);
        Assert.Equal(documents, CorpusFolder.Read(file));
        Assert.Equal(file, CorpusFolder.FileOf(folder.Path, "train", "csharp"));
        Assert.Equal(file, CorpusFolder.FileOf(folder.File("out"), "train", "csharp"));
    }

    [Theory]
    [InlineData("{\"pkg\":\"p\",\"path\":\"a\",\"license\":\"MIT\"}")]
    [InlineData("{\"pkg\":\"p\",")]
    [InlineData("null")]
    public void ABadLineIsNamed(string line)
    {
        string file = folder.File("x.jsonl.gz");
        using (StreamWriter writer = new(new GZipStream(File.Create(file), CompressionLevel.Fastest)))
            writer.Write("{\"pkg\":\"p\",\"path\":\"a\",\"license\":\"MIT\",\"text\":\"t\"}\n" + line + "\n");
        EngineException e = Assert.Throws<EngineException>(() => CorpusFolder.Read(file).Count());
        Assert.Contains("line 2", e.Message);
    }

    [Fact]
    public void AFileThatIsNotGzipIsRefused()
    {
        string file = folder.File("x.jsonl.gz");
        File.WriteAllText(file, "plain text, not gzip");
        Assert.Contains("not a whole gzip file", Assert.Throws<EngineException>(() => CorpusFolder.Read(file).Count()).Message);
        Assert.Contains("not a whole gzip file", Assert.Throws<EngineException>(() => CorpusFolder.UncompressedSize(file)).Message);
    }

    [Fact]
    public void ACutFileIsRefused()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(number => StableHash.Of(number.ToString()) + " "));
        string file = SmallCorpus.Write(folder.Path, "train", "csharp", SmallCorpus.Document(text), SmallCorpus.Document("b"));
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..(whole.Length / 2)]);
        Assert.Throws<EngineException>(() => CorpusFolder.Read(file).Count());
    }

    [Fact]
    public void AMissingFileIsRefused() =>
        Assert.Contains("holds no out/train/csharp.jsonl.gz", Assert.Throws<EngineException>(() => CorpusFolder.FileOf(folder.Path, "train", "csharp")).Message);

    [Fact]
    public void TheSizeIsThatOfTheLines()
    {
        CorpusDocument document = SmallCorpus.Document("é");
        string file = SmallCorpus.Write(folder.Path, "train", "csharp", document);
        Assert.Equal(Encoding.UTF8.GetByteCount(System.Text.Json.JsonSerializer.Serialize(document)) + 1, CorpusFolder.UncompressedSize(file));
    }
}
