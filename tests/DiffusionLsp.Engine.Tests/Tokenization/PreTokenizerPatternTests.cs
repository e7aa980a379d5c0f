using DiffusionLsp.Engine.Tokenization;
using FsCheck.Xunit;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Where our pattern cuts code, and that it leaves no gaps.</summary>
public sealed class PreTokenizerPatternTests
{
    private static readonly PieceMatcher Code = PieceMatcher.Of(PreTokenizerPattern.Code);
    private static readonly PieceMatcher Gpt2 = PieceMatcher.Of(PreTokenizerPattern.Gpt2);

    [Property(Arbitrary = [typeof(UnicodeTextArbitrary)], MaxTest = 1000)]
    public bool ThePatternCoversEveryText(UnicodeText text) => Cut(text.Value, Code) == text.Value.Length;

    [Property(Arbitrary = [typeof(UnicodeTextArbitrary)], MaxTest = 300)]
    public bool Gpt2sPatternCoversEveryText(UnicodeText text) => Cut(text.Value, Gpt2) == text.Value.Length;

    [Fact]
    public void EveryUtf16UnitIsCovered()
    {
        string all = string.Concat(Enumerable.Range(0, 0x10000).Select(unit => (char)unit));
        Assert.Equal(all.Length, Cut(all, Code));
    }

    [Theory]
    [InlineData("return x;", "return| x|;")]
    [InlineData("getHTTPServer", "get|HTTPServer")]
    [InlineData("parseUrlFast(a)", "parse|Url|Fast|(a|)")]
    [InlineData("snake_case __init__", "snake|_case| __|init|__")]
    [InlineData("MAX_SIZE", "MAX|_SIZE")]
    [InlineData("x = 12345;", "x| =| |123|45|;")]
    [InlineData("if a:\n    b", "if| a|:|\n    |b")]
    [InlineData("a\r\n\r\n\tb", "a|\r\n\r\n\t|b")]
    [InlineData("a   b", "a|  | b")]
    [InlineData("a  \nb", "a|  |\n|b")]
    [InlineData("a\rb", "a|\r|b")]
    [InlineData("x => !y", "x| =>| !|y")]
    [InlineData("e\u0301te\u0301", "e\u0301te\u0301")]
    public void CodeIsCutHere(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', new PreTokenizer(PreTokenizerPattern.Code).Cut(text).Select(p => text.Substring(p.Start, p.Length))));

    /// <summary>Where the matches stop being contiguous.</summary>
    private static int Cut(string text, PieceMatcher pattern)
    {
        int end = 0;
        while (pattern.Match(text, end) is > 0 and var length) end += length;
        return end;
    }
}
