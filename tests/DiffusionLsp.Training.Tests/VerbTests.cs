using System.CommandLine;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Tests.Corpus;
using DiffusionLsp.Training.Tests.Tokenizer;
using DiffusionLsp.Training.Tokenizer;

namespace DiffusionLsp.Training.Tests;

/// <summary>The verbs <c>tokenizer</c> and <c>corpus</c> from arguments to files, and their errors.</summary>
[Collection("console")]
public sealed class VerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TextWriter formerError = Console.Error;
    private readonly StringWriter error = new();

    public VerbTests() => Console.SetError(error);

    public void Dispose()
    {
        Console.SetError(formerError);
        folder.Dispose();
    }

    [Fact]
    public void TokenizerThenCorpusMakeReadableShards()
    {
        WriteCorpus();
        Assert.Equal(0, Run("tokenizer", "--corpus", folder.Path, "--output", folder.File("tokenizer"), "--vocabulary", "280", "--weight", "csharp=2", "--weight", "go=2"));
        Assert.Equal(0, Run("corpus", "--corpus", folder.Path, "--tokenizer", folder.File("tokenizer"), "--output", folder.File("shards")));

        CodeTokenizer tokenizer = CodeTokenizer.Load(folder.File("tokenizer"));
        Assert.Equal(280, tokenizer.VocabularySize);
        using TokenShard shard = TokenShard.Open(folder.File("shards"), "python.eval");
        Assert.Equal(tokenizer.Fingerprint, shard.TokenizerFingerprint);
        int[] ids = [.. shard.Document(0).ToArray().Select(token => (int)token)];
        Assert.Equal(Text("python", "eval", 0), tokenizer.Decode(ids));

        JsonNode summary = JsonNode.Parse(File.ReadAllText(folder.File("shards/corpus.json")))!;
        Assert.Equal(tokenizer.Fingerprint, summary["tokenizerFingerprint"]!.GetValue<string>());
        Assert.Equal(27, summary["shards"]!.AsArray().Count);
        Assert.Equal(36, summary["shards"]!.AsArray().Sum(entry => entry!["documents"]!.GetValue<int>()));
        Assert.Equal(shard.TokenCount, summary["shards"]!.AsArray().Single(entry => entry!["language"]!.ToString() == "python" && entry["split"]!.ToString() == "eval")!["tokens"]!.GetValue<long>());
    }

    [Fact]
    public void PackedTextsMakeShardsAndADamagedPartIsOneSentence()
    {
        if (PackedCorpusTests.Skipped()) return;
        WriteCorpus();
        SmallTokenizer.Train(folder.File("tokenizer"));
        Assert.Equal(0, Run("corpus", "pack", "--corpus", folder.Path, "--output", folder.File("packed"), "--level", "1"));
        Assert.Equal(0, Run("corpus", "--packed", folder.File("packed"), "--tokenizer", folder.File("tokenizer"), "--output", folder.File("shards")));
        using (TokenShard shard = TokenShard.Open(folder.File("shards"), "python.eval")) Assert.True(shard.Count > 0);

        byte[] part = File.ReadAllBytes(folder.File("packed/part-001.xz"));
        part.AsSpan(part.Length / 2).Clear();
        File.WriteAllBytes(folder.File("packed/part-001.xz"), part);
        error.GetStringBuilder().Clear();
        Assert.Equal(1, Run("corpus", "--packed", folder.File("packed"), "--tokenizer", folder.File("tokenizer"), "--output", folder.File("again")));
        AssertOneSentence("copy it again.");
    }

    [Fact]
    public void AMissingCorpusIsOneSentence()
    {
        Assert.Equal(1, Run("tokenizer", "--corpus", folder.Path, "--output", folder.File("tokenizer")));
        AssertOneSentence("run eng/corpus/fetch.sh and name its work folder.");
    }

    [Fact]
    public void ADamagedCorpusIsOneSentenceThroughParallelWork()
    {
        WriteCorpus();
        SmallTokenizer.Train(folder.File("tokenizer"));
        File.WriteAllText(folder.File("out/train/csharp.jsonl.gz"), "not gzip");
        Assert.Equal(1, Run("corpus", "--corpus", folder.Path, "--tokenizer", folder.File("tokenizer"), "--output", folder.File("shards")));
        AssertOneSentence("run eng/corpus/fetch.sh again.");
    }

    [Theory]
    [InlineData("csharp")]
    [InlineData("csharp=x")]
    [InlineData("cobol=2")]
    [InlineData("csharp=-1")]
    public void AWrongWeightIsOneSentence(string weight)
    {
        WriteCorpus();
        Assert.Equal(1, Run("tokenizer", "--corpus", folder.Path, "--output", folder.File("tokenizer"), "--weight", weight));
        AssertOneSentence($"'{weight}' is not a weight");
    }

    private void WriteCorpus()
    {
        foreach (string language in Languages.Known)
        {
            foreach ((string split, int count) in new[] { ("train", 3), ("eval", 1) })
                SmallCorpus.Write(folder.Path, split, language, [.. Enumerable.Range(0, count).Select(number => SmallCorpus.Document(Text(language, split, number), $"{number}.x", $"test:{language}{number}"))]);
        }
    }

    private static string Text(string language, string split, int number) => $"return {language} + {split} + {language}; // {language}{new string('!', number + 1)}\n";

    private static int Run(params string[] arguments) => Terminal.Run(new RootCommand { TokenizerCommand.Create(), CorpusCommand.Create() }, arguments);

    private void AssertOneSentence(string says)
    {
        string message = error.ToString().TrimEnd().Split('\n')[^1];
        Assert.Contains(says, message);
        Assert.DoesNotContain(" at DiffusionLsp", error.ToString());
    }
}

/// <summary>Tests that redirect the console, one at a time.</summary>
[CollectionDefinition("console", DisableParallelization = true)]
public sealed class ConsoleCollection;
