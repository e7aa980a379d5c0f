using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;
using DiffusionLsp.Training.Tokenizer;

namespace DiffusionLsp.Training.Tests.Model;

/// <summary>Rows are full, repeatable, cover the shard once per epoch, and a hole with its surroundings is text of the corpus.</summary>
public sealed class RowSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CodeTokenizer tokenizer;
    private readonly TokenShard shard;

    public RowSourceTests()
    {
        tokenizer = TinyTraining.Prepare(folder.Path);
        shard = TokenShard.Open(folder.Path, "csharp.train");
    }

    [Fact]
    public void RowsAreFullAndRepeatable()
    {
        RowSource one = Source(0.85), two = Source(0.85);
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(192, one.Row(i).Length);
            Assert.Equal(one.Row(i), two.Row(i));
        }
        Assert.NotEqual(one.Row(0), one.Row(1));
    }

    [Fact]
    public void HolesFitTheirSurroundings()
    {
        RowSource source = Source(1);
        SpecialTokens special = tokenizer.Special;
        int holes = 0;
        for (int r = 0; r < 200; r++)
        {
            int[] row = [.. source.Row(r).Select(id => (int)id)];
            int end = Array.IndexOf(row, special.EndOfText), open = Array.IndexOf(row, special.FimSuffix!.Value), begin = Array.IndexOf(row, special.FimPrefix!.Value);
            if (open < 0 || end < begin || begin < open) continue; // no suffix, or the hole did not fit
            string joined = tokenizer.Decode(row.AsSpan()[(begin + 1)..end]) + tokenizer.Decode(row.AsSpan()[(open + 1)..begin]);
            Assert.Contains(TinyTraining.Files, f => f.Text.Contains(joined, StringComparison.Ordinal));
            holes++;
        }
        Assert.InRange(holes, 100, 200);
    }

    [Fact]
    public void ShortExamplesEndAnywhereInTheRowAndMiddlesAreMarked()
    {
        TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize) with { HoleFraction = 1, ShortFraction = 0.8 };
        var source = new RowSource(options with { Model = options.Model with { UsesFimMiddle = true } }, tokenizer, [shard], [1]);
        SpecialTokens special = tokenizer.Special;
        var ends = new HashSet<int>();
        int marked = 0;
        for (int r = 0; r < 300; r++)
        {
            int[] row = [.. source.Row(r).Select(id => (int)id)];
            Assert.Equal(192, row.Length);
            int end = Array.IndexOf(row, special.EndOfText), mark = Array.IndexOf(row, special.FimMiddle!.Value), begin = Array.IndexOf(row, special.FimPrefix!.Value), open = Array.IndexOf(row, special.FimSuffix!.Value);
            if (end >= 0) ends.Add(end / 32);
            if (mark < 0 || open < 0 || !(open < begin && begin < mark && mark < end)) continue;
            string joined = tokenizer.Decode([.. row[(begin + 1)..mark], .. row[(mark + 1)..end]]) + tokenizer.Decode(row.AsSpan()[(open + 1)..begin]);
            Assert.Contains(TinyTraining.Files, f => f.Text.Contains(joined, StringComparison.Ordinal));
            marked++;
        }
        Assert.True(marked > 100, $"{marked} marked holes");
        Assert.True(ends.Count >= 5, $"ends in {ends.Count} of 6 parts of the row");
    }

    [Fact]
    public void BehindAnEndABidirectionalModelSeesOnlyEnds()
    {
        TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize) with { HoleFraction = 1, ShortFraction = 0.8 };
        var source = new RowSource(options with { Model = options.Model with { Attention = AttentionKind.Full } }, tokenizer, [shard], [1]);
        int ended = 0;
        for (int r = 0; r < 100; r++)
        {
            long[] row = source.Row(r);
            Assert.Equal(192, row.Length);
            int end = Array.IndexOf(row, tokenizer.Special.EndOfText);
            if (end < 0) continue;
            Assert.All(row[end..], id => Assert.Equal(tokenizer.Special.EndOfText, id));
            if (end < 160) ended++;
        }
        Assert.True(ended > 30, $"{ended} rows end early");
    }

    /// <summary>Options that existed before others were added mean what they meant: hashes of rows made by commit 5e28ff9.</summary>
    [Theory, InlineData(0.85, 0.0, -3533065184763512645), InlineData(1.0, 0.6, 4686559717995902322)]
    public void Rows_of_older_options_are_the_same(double holes, double shorter, long expected)
    {
        TrainingOptions options = TinyTraining.Options(tokenizer.VocabularySize) with { HoleFraction = holes, ShortFraction = shorter };
        var source = new RowSource(options with { Model = options.Model with { UsesFimMiddle = shorter > 0 } }, tokenizer, [shard], [1]);
        long hash = 0;
        for (int r = 0; r < 100; r++)
            foreach (long id in source.Row(r)) hash = unchecked(hash * 31 + id);
        Assert.Equal(expected, hash);
    }

    /// <summary>In a third of the rows the prefix begins with other files, each under a comment with its path, as the server lays them out.</summary>
    [Fact]
    public void Other_files_of_the_package_stand_before_the_prefix()
    {
        using var own = new OwnShards(folder);
        TrainingOptions options = own.Options with { CrossFileFraction = 1.0 / 3 };
        var source = new RowSource(options, own.Tokenizer, [own.Shard], [1]);
        SpecialTokens special = own.Tokenizer.Special;
        int related = 0;
        for (int r = 0; r < 300; r++)
        {
            int[] row = [.. source.Row(r).Select(id => (int)id)];
            Assert.Equal(options.RowTokens, row.Length);
            int begin = Array.IndexOf(row, special.FimPrefix!.Value);
            if (begin < 0 || !own.Tokenizer.Decode(row.AsSpan()[(begin + 1)..]).StartsWith("// ", StringComparison.Ordinal)) continue;
            string text = own.Tokenizer.Decode(row.AsSpan()[(begin + 1)..]);
            string path = text[3..text.IndexOf('\n')];
            if (own.Texts.FirstOrDefault(t => t.Path == path) is not { } other) continue; // a comment of the document itself
            string quoted = text[(text.IndexOf('\n') + 1)..text.IndexOf("\n\n", StringComparison.Ordinal)];
            Assert.Contains(quoted, other.Text);
            string ownPath = own.Tokenizer.Decode(row.AsSpan()[1..row.AsSpan().IndexOfAny(special.FimSuffix!.Value, special.FimPrefix!.Value)]);
            Assert.NotEqual(PromptLayout.ShortPath(path), ownPath);
            related++;
        }
        Assert.InRange(related, 60, 130);
    }

    /// <summary>The FIM middle token stands before holes inside a line and before half of the whole lines; other holes go on into the next line without an end.</summary>
    [Fact]
    public void In_the_serving_layout_completions_go_on_without_a_mark()
    {
        using var own = new OwnShards(folder);
        var weights = new Dictionary<HoleKind, double> { [HoleKind.RestOfLine] = 1, [HoleKind.StartOfLine] = 1, [HoleKind.BeforeCloser] = 1, [HoleKind.AfterBreak] = 1 };
        TrainingOptions options = own.Options with { HoleFraction = 1, FimMiddle = "serving", Holes = weights };
        SpecialTokens special = own.Tokenizer.Special;
        (int inside, int marked, int unmarked) = (0, 0, 0);
        var source = new RowSource(options, own.Tokenizer, [own.Shard], [1]);
        for (int r = 0; r < 300; r++)
        {
            int[] row = [.. source.Row(r).Select(id => (int)id)];
            int file = Array.IndexOf(row, special.File!.Value, 1), end = file < 0 ? row.Length : file; // of the first example
            int open = Array.IndexOf(row, special.FimSuffix!.Value, 0, end), begin = Array.IndexOf(row, special.FimPrefix!.Value, 0, end), mark = Array.IndexOf(row, special.FimMiddle!.Value, 0, end);
            if (open < 0 || begin < open) continue; // no suffix
            string rest = own.Tokenizer.Decode(row.AsSpan()[(open + 1)..begin]).Split('\n')[0];
            if (mark < 0)
            {
                Assert.DoesNotContain(special.EndOfText, row[..end]);
                Assert.Contains(own.Texts, t => t.Text.Contains(own.Tokenizer.Decode(row.AsSpan()[(begin + 1)..end]), StringComparison.Ordinal));
                unmarked++;
            }
            else if (rest.Trim() != "") inside++;
            else marked++;
        }
        Assert.True(inside > 50 && marked > 30 && unmarked > 30, $"{inside} inside a line, {marked} marked, {unmarked} unmarked");
    }

    /// <summary>Real files of this repository as one package, with a tokenizer of their own.</summary>
    private sealed class OwnShards : IDisposable
    {
        public OwnShards(TemporaryFolder folder)
        {
            string place = Directory.CreateDirectory(folder.File("own")).FullName;
            Texts = [.. OwnTexts.Of("csharp", "train"), .. OwnTexts.Of("csharp", "eval")];
            var counter = new PreTokenCounter();
            foreach (CorpusDocument text in Texts) counter.Add(text.Text);
            TokenizerWriter.Write(place, BpeTrainer.Train(counter.Counts, 600));
            Tokenizer = CodeTokenizer.Load(place);
            var documents = new CorpusTokenizer(Tokenizer);
            TokenShardWriter.Write(place, "csharp.train", [.. Texts.Select(documents.Tokenize)], Tokenizer.VocabularySize, Tokenizer.Fingerprint);
            Shard = TokenShard.Open(place, "csharp.train");
            TrainingOptions options = TinyTraining.Options(Tokenizer.VocabularySize) with { RowTokens = 1024 };
            Options = options with { Model = options.Model with { UsesFimMiddle = true } };
        }

        public IReadOnlyList<CorpusDocument> Texts { get; }
        public CodeTokenizer Tokenizer { get; }
        public TokenShard Shard { get; }
        public TrainingOptions Options { get; }

        public void Dispose() => Shard.Dispose();
    }

    [Theory, InlineData(1), InlineData(2), InlineData(7), InlineData(1000)]
    public void AnEpochIsAPermutation(int count) =>
        Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), Enumerable.Range(0, count).Select(i => RowSource.Permuted(i, count, 42)).Order());

    private RowSource Source(double holes) => new(TinyTraining.Options(tokenizer.VocabularySize) with { HoleFraction = holes }, tokenizer, [shard], [1]);

    public void Dispose()
    {
        shard.Dispose();
        folder.Dispose();
    }
}
