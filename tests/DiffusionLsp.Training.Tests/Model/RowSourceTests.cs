using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;

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
