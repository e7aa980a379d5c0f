using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Tests.Tokenizer;

namespace DiffusionLsp.Training.Tests.Corpus;

/// <summary>What was packed comes out byte by byte, in parts of limited size; shards are those of the corpus itself; a damaged part says so. With real files and the real xz.</summary>
[Collection("console")]
public sealed class PackedCorpusTests : IDisposable
{
    private const long Limit = 24 * 1024;
    private readonly TemporaryFolder folder = new();
    private readonly string corpus, packed;

    public PackedCorpusTests()
    {
        corpus = folder.File("corpus");
        packed = folder.File("packed");
        foreach (string split in new[] { "train", "eval" })
            foreach (string language in Languages.All)
            {
                string path = Path.Combine(corpus, "out", split, language + ".jsonl.gz");
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
                // Several packages and folders, so that there is something to distribute; one duplicate.
                foreach (var (text, number) in OwnTexts.Of(language, split).Select((text, number) => (text, number)))
                    for (int copy = 0; copy < 3; copy++)
                        writer.WriteLine(JsonSerializer.Serialize(text with { Package = $"{language}-{number % 2}", Path = $"src/{copy}/{text.Path}", Text = copy == 2 ? text.Text : text.Text + $"// {copy} é 🙂\n" }));
            }
    }

    [Fact]
    public void Texts_come_out_as_they_went_in()
    {
        if (Skipped()) return;
        PackedIndex index = new CorpusPacker(Limit, 1).Pack(corpus, packed);
        Assert.True(index.Parts.Count >= 2, $"{index.Parts.Count} parts");
        Assert.Equal(JsonSerializer.Serialize(index), JsonSerializer.Serialize(PackedIndex.Read(packed)));
        var expected = new HashSet<(string, string, CorpusDocument)>();
        foreach (string split in new[] { "train", "eval" })
            foreach (string language in Languages.All)
            {
                var filter = new DocumentFilter(language);
                foreach (CorpusDocument document in CorpusFolder.Read(CorpusFolder.FileOf(corpus, split, language)))
                    if (filter.Check(document) is null) Assert.True(expected.Add((split, language, document)));
            }
        var found = new List<(string, string, CorpusDocument)>();
        foreach (PackedPart part in index.Parts)
        {
            var documents = PackedCorpus.Read(Path.Combine(packed, part.File)).ToList();
            Assert.InRange(part.Bytes, 1, Limit);
            Assert.Equal(new FileInfo(Path.Combine(packed, part.File)).Length, part.Bytes);
            Assert.Equal((part.Documents, part.TextBytes), (documents.Count, documents.Sum(d => (long)Encoding.UTF8.GetByteCount(d.Document.Text))));
            found.AddRange(documents.Select(d => (d.Header.Split, d.Header.Language, d.Document)));
        }
        Assert.Equal(expected.Count, found.Count);
        Assert.True(expected.SetEquals(found));
        Assert.Equal(expected.Select(e => e.Item3.Package).Distinct().Order(StringComparer.Ordinal), index.Packages.Select(p => p.Package));
        Assert.All(index.Packages, p => Assert.Equal("MIT", p.License));
    }

    [Fact]
    public void One_part_makes_the_shards_of_the_corpus()
    {
        if (Skipped()) return;
        SmallTokenizer.Train(folder.File("tokenizer"));
        new CorpusPacker(1 << 30, 1).Pack(corpus, packed);
        CorpusCommand.Run(new(corpus, null, 0, folder.File("tokenizer"), folder.File("direct")));
        CorpusCommand.Run(new(null, packed, 0, folder.File("tokenizer"), folder.File("unpacked")));
        string[] names = [.. Directory.GetFiles(folder.File("direct")).Select(f => Path.GetFileName(f)).Where(f => f != CorpusSummary.FileName).Order()];
        Assert.Equal(4 * 3 * 2, names.Length);
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(folder.File($"direct/{name}")), File.ReadAllBytes(folder.File($"unpacked/{name}"))));
    }

    [Fact]
    public async Task Later_parts_make_shards_of_their_own_without_what_was_held_out()
    {
        if (Skipped()) return;
        SmallTokenizer.Train(folder.File("tokenizer"));
        PackedIndex index = new CorpusPacker(Limit, 1).Pack(corpus, packed);
        // The last part arrives later.
        string last = Path.Combine(packed, index.Parts[^1].File);
        File.Move(last, last + ".later");
        async Task Arrive()
        {
            while (!File.Exists(folder.File("shards/csharp.train.index"))) await Task.Delay(20);
            File.Move(last + ".later", last);
        }
        Task arrival = Arrive();
        await Task.Run(() => CorpusCommand.Run(new(null, packed, 5, folder.File("tokenizer"), folder.File("shards"))));
        await arrival;
        string[] later = [.. Directory.GetFiles(folder.File("shards"), "*.train-002.index").Select(f => Path.GetFileNameWithoutExtension(f))];
        Assert.NotEmpty(later);
        foreach (string name in later)
        {
            using TokenShard more = TokenShard.Open(folder.File("shards"), name), held = TokenShard.Open(folder.File("shards"), name.Split('.')[0] + ".validation");
            Assert.Empty(Enumerable.Range(0, more.Count).Select(d => (more.Package(d), more.Path(d))).Intersect(Enumerable.Range(0, held.Count).Select(d => (held.Package(d), held.Path(d)))));
        }
    }

    [Theory]
    [InlineData(0.6, "index expects")]
    [InlineData(1.0, "not a whole part")]
    public void A_truncated_part_gets_one_sentence(double kept, string cause)
    {
        if (Skipped()) return;
        PackedIndex index = new CorpusPacker(1 << 30, 1).Pack(corpus, packed);
        string part = Path.Combine(packed, index.Parts[0].File);
        byte[] bytes = File.ReadAllBytes(part);
        File.WriteAllBytes(part, kept < 1 ? bytes[..(int)(bytes.Length * kept)] : [.. bytes[..(bytes.Length / 2)], .. new byte[bytes.Length - bytes.Length / 2]]);
        EngineException e = Assert.Throws<EngineException>(() =>
        {
            PackedCorpus.Await(packed, index.Parts[0], TimeSpan.Zero);
            foreach (var _ in PackedCorpus.Read(part)) { }
        });
        Assert.Contains(cause, e.Message);
        Assert.DoesNotContain('\n', e.Message);
        // A copy that ends early, whose size nobody compared, is known by xz.
        File.WriteAllBytes(part, bytes[..(bytes.Length / 2)]);
        Assert.Contains("copy it again", Assert.Throws<EngineException>(() => PackedCorpus.Read(part).Count()).Message);
    }

    [Fact]
    public void Without_xz_one_sentence_says_so() =>
        Assert.Contains("install XZ Utils", Assert.Throws<EngineException>(() => new XzReader(folder.File("part"), "xz-that-is-not-there")).Message);

    /// <summary>Whether xz is missing, which is said.</summary>
    internal static bool Skipped()
    {
        try
        {
            using var process = Xz.Start("xz", "--version");
            process.StandardInput.Close();
            process.StandardOutput.ReadToEnd();
            return false;
        }
        catch (EngineException e) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Console.WriteLine($"SKIPPED: {e.Message}");
            return true;
        }
    }

    public void Dispose() => folder.Dispose();
}
