using DiffusionLsp.Engine.Confidence;

namespace DiffusionLsp.Engine.Tests.Confidence;

/// <summary>Where a suggestion is cut if the model is confident of it only up to a point.</summary>
public sealed class SuggestionCutTests
{
    private static string Shown(string text, int sure, double threshold = 0.5) =>
        text[..SuggestionCut.Length(text, new SuggestionConfidence([new(sure, 0.8), new(text.Length, 0.2)], ConfidenceThresholds.Default), threshold)];

    [Theory]
    [InlineData("values.Count", 12, "values.Count")]
    [InlineData("values.Count + 1", 12, "values.Count")]
    [InlineData("values.Count + 1", 14, "values.Count")] // no operator at the end
    [InlineData("values.Count + 1", 10, "values")] // never inside an identifier, no dot at the end
    [InlineData("Add(first, second)", 10, "Add(first")]
    [InlineData("Add(first, second)", 4, "Add")] // no opener at the end
    [InlineData("f(x);\nreturn y;", 5, "f(x);")]
    [InlineData("if (x) {\n  y();\n}", 8, "if (x) {")] // a line may end as it likes
    [InlineData("ab + cd", 2, "")] // too little to be worth a look
    [InlineData("größer + 1", 6, "größer")]
    [InlineData("\"😀😀\" + x", 3, "")] // not inside a character
    public void It_ends_with_a_word_an_expression_or_a_line(string text, int sure, string shown) => Assert.Equal(shown, Shown(text, sure));

    [Fact]
    public void Nothing_is_cut_without_a_threshold_or_without_knowledge()
    {
        Assert.Equal("values.Count", Shown("values.Count", 3, threshold: 0));
        Assert.Equal(12, SuggestionCut.Length("values.Count", SuggestionConfidence.None, 0.9));
    }

    [Fact]
    public void What_was_typed_makes_the_rest_surer()
    {
        var confidence = new SuggestionConfidence([new(4, 0.5), new(8, 0.4), new(12, 0.1)], ConfidenceThresholds.Default);
        SuggestionConfidence rest = confidence.After(5);
        Assert.Equal([3, 7], rest.Tokens.Select(t => t.End));
        Assert.Equal(0.8, rest.Tokens[0].Probability, 1e-9);
        Assert.Equal(0.2, rest.Tokens[1].Probability, 1e-9);
        Assert.Equal(0.4, confidence.At(6));
        Assert.Equal(0.1, confidence.Whole);
    }
}
