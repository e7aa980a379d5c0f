using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;
using DiffusionLsp.Training.Tests.Tokenizer;

namespace DiffusionLsp.Training.Tests.Corpus;

/// <summary>Shards of a folder, and those of the program's own texts.</summary>
public sealed class ShardFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_a_folder_there_are_a_few_dozen_cases_of_our_own_in_every_language_and_task()
    {
        CodeTokenizer tokenizer = SmallTokenizer.Train(folder.Path);
        using ShardFolder shards = ShardFolder.Of(null, tokenizer);
        Assert.True(shards.IsOwn);
        Assert.Contains("no basis for claims", shards.Note);
        foreach (string language in Languages.All)
        {
            using TokenShard held = shards.Open($"{language}.eval"), training = shards.Open($"{language}.train");
            Assert.Empty(Paths(held).Intersect(Paths(training)));
            Assert.True(training.Count > 0);
            Assert.Equal(OwnTexts.Of(language, "eval").Select(d => d.Text), Enumerable.Range(0, held.Count).Select(i => tokenizer.Decode(held.Ids(i))));
            var selector = new CaseSelector(held, tokenizer, language);
            foreach (HoleKind kind in EvaluationTasks.All.Concat(EvaluationTasks.Refills))
                Assert.True(selector.Select(kind, 3, seed: 1).Count == 3, $"{language}, {kind}");
        }
    }

    [Fact]
    public void What_was_made_for_the_moment_is_deleted_and_a_named_folder_is_not()
    {
        CodeTokenizer tokenizer = SmallTokenizer.Train(folder.Path);
        string made;
        using (ShardFolder own = ShardFolder.Of(null, tokenizer))
        {
            made = own.Path;
            Assert.True(File.Exists(Path.Combine(made, "python.eval.tokens")));
        }
        Assert.False(Directory.Exists(made));

        using (ShardFolder named = ShardFolder.Of(folder.Path, tokenizer))
        {
            Assert.False(named.IsOwn);
            Assert.Null(named.Note);
        }
        Assert.True(Directory.Exists(folder.Path));
    }

    private static IEnumerable<string> Paths(TokenShard shard) => Enumerable.Range(0, shard.Count).Select(shard.Path);
}
