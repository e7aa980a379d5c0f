using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>Shards that arrive during a run are used from a checkpoint on, and what was used is remembered.</summary>
[Collection("console")]
public sealed class TrainingShardsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CodeTokenizer tokenizer;
    private readonly TrainingOptions options;

    public TrainingShardsTests()
    {
        tokenizer = TinyTraining.Prepare(folder.Path);
        options = TinyTraining.Options(tokenizer.VocabularySize) with { RowTokens = 64, BatchRows = 2, HoleFraction = 0, WarmupSteps = 2, DecaySteps = 0 };
    }

    [Fact]
    public void Windows_go_on_where_they_were_and_new_shards_get_their_share()
    {
        using var shards = new TrainingShards(options, tokenizer, folder.Path);
        ShardUse first = shards.All();
        RowSource source = shards.Source(first);
        Assert.Equal(["csharp.train"], first.Windows.Keys);
        Assert.Null(shards.Newer(first, source, 10));

        AddShard("csharp.train-002", copies: 3);
        ShardUse second = shards.Newer(first, source, 10)!;
        Assert.Equal((10L, 20L, 0L), (second.Step, second.Windows["csharp.train"], second.Windows["csharp.train-002"]));
        RowSource later = shards.Source(second);
        int[] from = [.. Enumerable.Range(20, 2000).Select(row => later.ShardOf(row))];
        Assert.InRange(from.Count(s => s == 1), 1350, 1600); // 3 : 1 by their tokens
        Assert.Equal(20 + from.Count(s => s == 0), later.WindowsBefore(2020, 0));
        Assert.Equal(from.Count(s => s == 1), later.WindowsBefore(2020, 1));
        Assert.Null(shards.Newer(second, later, 20));
    }

    [Fact]
    public void A_run_takes_them_in_at_a_checkpoint_and_a_resumed_one_goes_on_exactly()
    {
        Train("run", 4, checkpointMinutes: 60);
        AddShard("csharp.train-002", copies: 2);
        Train("run", 9, checkpointMinutes: 0); // a checkpoint after every step
        IReadOnlyList<ShardUse> uses = new RunFolder(folder.File("run")).Shards();
        Assert.Equal([0L, 5L], uses.Select(u => u.Step)); // the first step after the start is still as before
        Assert.Equal([10L, 0L], uses[1].Windows.Values);

        Directory.CreateDirectory(folder.File("again"));
        File.Copy(folder.File("run/shards.jsonl"), folder.File("again/shards.jsonl"));
        Directory.Move(folder.File("run/checkpoint-000000008"), folder.File("again/checkpoint-000000008"));
        Train("again", 9, checkpointMinutes: 60);
        foreach (string file in new[] { "model.safetensors", "optimizer.safetensors" })
            Assert.Equal(File.ReadAllBytes(folder.File($"run/checkpoint-000000009/{file}")), File.ReadAllBytes(folder.File($"again/checkpoint-000000009/{file}")));
    }

    private void Train(string run, int steps, double checkpointMinutes)
    {
        File.WriteAllText(folder.File("options.json"), (options with { Steps = steps }).ToJson());
        ModelCommand.Run(new(folder.File("options.json"), folder.Path, folder.Path, folder.File(run), null, null, "cpu", checkpointMinutes, double.PositiveInfinity));
    }

    /// <summary>A shard of so many times the tokens of the first.</summary>
    private void AddShard(string name, int copies)
    {
        using TokenShard shard = TokenShard.Open(folder.Path, "csharp.train");
        TokenDocument[] documents = [.. Enumerable.Range(0, copies * shard.Count).Select(i => i % shard.Count)
            .Select((d, i) => new TokenDocument(shard.Path(d), "other", "MIT", (ulong)i, 1, [.. shard.Document(d)]))];
        TokenShardWriter.Write(folder.Path, name, documents, tokenizer.VocabularySize, tokenizer.Fingerprint);
    }

    public void Dispose() => folder.Dispose();
}
