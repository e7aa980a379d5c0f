using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Tests.Corpus;

/// <summary>Who is held out: whole packages, or single documents for C#; nobody is lost or in both.</summary>
public sealed class ValidationSplitTests
{
    [Fact]
    public void WholePackagesAreHeldOut()
    {
        // 400 packages of 1 to 8 documents and one of 2,000.
        List<TokenDocument> documents = [.. Enumerable.Range(0, 400).SelectMany(package => Documents($"test:{package}", 1 + package % 8)), .. Documents("test:big", 2000)];
        (List<TokenDocument> training, List<TokenDocument> validation) = ValidationSplit.Split("python", documents);
        Assert.Empty(training.Select(document => document.Package).Intersect(validation.Select(document => document.Package)));
        Assert.Equal(documents.Count, training.Count + validation.Count);
        Assert.InRange(validation.Count, documents.Count * ValidationSplit.Share, documents.Count * 2 * ValidationSplit.Share);
        Assert.True(validation.DistinctBy(document => document.Package).Count() >= 2);
        Assert.DoesNotContain(validation, document => document.Package == "test:big");
    }

    [Fact]
    public void SingleDocumentsAreHeldOutForCSharp()
    {
        List<TokenDocument> documents = Documents("test:mono", 20_000);
        (List<TokenDocument> training, List<TokenDocument> validation) = ValidationSplit.Split("csharp", documents);
        Assert.Equal(documents.Count, training.Count + validation.Count);
        Assert.InRange(validation.Count, 60, 140); // 100 expected, standard deviation 10
    }

    [Fact]
    public void TheSplitKeepsTheOrderAndIsTheSameEveryTime()
    {
        List<TokenDocument> documents = Documents("test:mono", 2_000);
        (List<TokenDocument> training, List<TokenDocument> validation) = ValidationSplit.Split("csharp", documents);
        HashSet<TokenDocument> heldOut = [.. validation];
        Assert.Equal(documents.Where(document => !heldOut.Contains(document)), training);
        documents.Reverse();
        Assert.Equal(validation.AsEnumerable().Reverse(), ValidationSplit.Split("csharp", documents).Validation);
    }

    [Fact]
    public void TheHeldOutAreSpreadOverTheShuffle()
    {
        List<TokenDocument> documents = [.. Documents("test:mono", 5_000).Select(document => document with { Order = new CorpusDocument(document.Package, document.Path, null, "").Hash() })];
        List<TokenDocument> validation = ValidationSplit.Split("csharp", documents).Validation;
        Assert.True(validation.Max(document => document.Order) > ulong.MaxValue / 2);
    }

    private static List<TokenDocument> Documents(string package, int count) =>
        [.. Enumerable.Range(0, count).Select(number => new TokenDocument($"{number}.x", package, "MIT", 0, 0, []))];
}
