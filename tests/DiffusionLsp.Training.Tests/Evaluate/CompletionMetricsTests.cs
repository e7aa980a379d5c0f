using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Tests.Evaluate;

/// <summary>The metrics by examples counted by hand.</summary>
public sealed class CompletionMetricsTests
{
    [Theory]
    [InlineData("return x;", "return x;", true)]
    [InlineData("return x; \n", "return x;", true)]
    [InlineData("return x;", "return x;\t", true)]
    [InlineData(" return x;", "return x;", false)] // white space at the beginning counts: it would be inserted
    [InlineData("return x", "return x;", false)]
    [InlineData("", "", true)]
    public void Exact(string completion, string truth, bool expected) => Assert.Equal(expected, CompletionMetrics.Exact(completion, truth));

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("", "", 0)]
    [InlineData("flaw", "lawn", 2)]
    [InlineData("abc", "abc", 0)]
    [InlineData("ab", "ba", 2)]
    public void Distance(string a, string b, int expected) => Assert.Equal(expected, CompletionMetrics.Distance(a, b));

    [Theory]
    [InlineData("abcd", "abcd", 100)]
    [InlineData("abcd", "abcd  ", 100)]
    [InlineData("", "", 100)]
    [InlineData("", "abcd", 0)]
    [InlineData("abxd", "abcd", 75)]
    [InlineData("ab", "abcd", 50)]
    [InlineData("wxyz", "abcd", 0)]
    public void Similarity(string completion, string truth, double expected) => Assert.Equal(expected, CompletionMetrics.Similarity(completion, truth), 1e-9);

    [Theory]
    [InlineData("return value;", "return value;", 13)] // everything
    [InlineData("return value;  ", "return value;", 13)]
    [InlineData("return valid;", "return value;", 7)] // "return " and not "return val": the word is wrong
    [InlineData("return value", "return value;", 12)] // all of a shorter completion is accepted
    [InlineData("ret", "return", 3)] // the completion's own word ends here, so it is accepted and the rest typed
    [InlineData("returned", "return", 0)] // its word is longer than the truth's
    [InlineData("items.Add(x);", "items.Add(value);", 10)]
    [InlineData("items[0]", "items.Add", 5)]
    [InlineData("x", "y", 0)]
    [InlineData("", "y", 0)]
    [InlineData("a_b", "a_c", 0)] // the underscore is part of the word
    public void Saved(string completion, string truth, int expected) => Assert.Equal(expected, CompletionMetrics.Saved(completion, truth));
}
