using System.Collections.Immutable;
using DiffusionLsp.Server.Metrics;

namespace DiffusionLsp.Server.Tests.Metrics;

/// <summary>The counts of kept suggestions round-trip through their file; anything else in its place gives one sentence.</summary>
public sealed class AcceptanceFileTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dlsp-").FullName;
    private readonly AcceptanceFile file;

    public AcceptanceFileTests() => file = new AcceptanceFile(Path.Combine(root, "data"));

    private static ImmutableDictionary<string, AcceptanceCounts> Some => ImmutableDictionary<string, AcceptanceCounts>.Empty
        .Add("nano", AcceptanceCounts.None.With(0.31, kept: true).With(0.99, kept: false).With(1, kept: true)).Add("other", AcceptanceCounts.None);

    [Fact]
    public void What_was_written_comes_back_and_deleting_forgets_it()
    {
        Assert.Equal((0, null), (file.Read().Counts.Count, file.Read().Problem));
        Assert.Null(file.Write(Some));
        (ImmutableDictionary<string, AcceptanceCounts> counts, string? problem) = file.Read();
        Assert.Null(problem);
        Assert.Equal(Some.Keys.Order(), counts.Keys.Order());
        Assert.All(Some, one => Assert.Equal(one.Value.Buckets.AsEnumerable(), counts[one.Key].Buckets.AsEnumerable()));
        Assert.Equal(["acceptance.json"], Directory.GetFiles(Path.Combine(root, "data")).Select(Path.GetFileName));
        Assert.Null(file.Delete());
        Assert.Empty(file.Read().Counts);
        Assert.Null(file.Delete());
    }

    [Theory]
    [InlineData("", "line 1 was not written by this program")]
    [InlineData("{\"format\":\"diffusion-lsp-acc", "line 1 was not written by this program")]
    [InlineData("null", "it contains null")]
    [InlineData("{\"format\":\"other\",\"models\":{}}", "its format is 'other'")]
    [InlineData("{\"format\":\"diffusion-lsp-acceptance-1\",\"models\":{\"nano\":null}}", "its counts do not fit together")]
    [InlineData("{\"format\":\"diffusion-lsp-acceptance-1\",\"models\":{\"nano\":[]}}", "its counts do not fit together")]
    [InlineData("{\"format\":\"diffusion-lsp-acceptance-1\",\"models\":{\"nano\":[{\"shown\":1,\"kept\":1}]}}", "line 1 was not written by this program")]
    [InlineData("{\"format\":\"diffusion-lsp-acceptance-1\",\"models\":{\"nano\":[null,null,null,null,null,null,null,null,null,null]}}", "its counts do not fit together")]
    public void What_is_no_such_file_is_one_sentence_and_learning_starts_again(string text, string cause)
    {
        Assert.Null(file.Write(Some));
        File.WriteAllText(file.Path, text);
        (ImmutableDictionary<string, AcceptanceCounts> counts, string? problem) = file.Read();
        Assert.Empty(counts);
        Assert.Equal($"'{file.Path}' cannot be used, so what was learned from accepted suggestions is lost and learning starts again: {cause}", problem![..^1].Split(", not ")[0]);
        Assert.Null(file.Write(Some));
        Assert.Equal(2, file.Read().Counts.Count);
    }

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(2, 3, 1)]
    [InlineData(2, 1, 2.5)]
    [InlineData(2, 1, -0.5)]
    [InlineData(2, 1, double.NaN)]
    public void Counts_that_nobody_can_have_counted_are_refused(int shown, int kept, double expected)
    {
        Assert.True(AcceptanceCounts.None.IsValid);
        Assert.False(new AcceptanceCounts(AcceptanceCounts.None.Buckets.SetItem(3, new AcceptanceBucket(shown, kept, expected))).IsValid);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_one_sentence()
    {
        File.WriteAllText(Path.Combine(root, "data"), "a file where the folder should be");
        Assert.StartsWith($"'{file.Path}' cannot be changed: ", file.Write(Some), StringComparison.Ordinal);
        Assert.Empty(file.Read().Counts);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
