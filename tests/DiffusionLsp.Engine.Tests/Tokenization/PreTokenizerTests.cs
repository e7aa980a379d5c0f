using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Tests.Checkpoints;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>The published patterns cut text as published: pieces written by hand from the definition, also outside the basic plane.</summary>
public sealed class PreTokenizerTests
{
    [Theory]
    [InlineData("int x1 = 42;", "int| x|1| =| |4|2|;")]
    [InlineData("don't I'LL", "don|'t| I|'LL")]
    [InlineData("a\r\n\tb", "a|\r\n|\tb")]
    [InlineData("f(x)\n\n  y", "f|(x|)\n\n| | y")]
    [InlineData("a  b   ", "a| | b|   ")]
    [InlineData("𝐀𝐁c 𝟎𝟏", "𝐀𝐁c| |𝟎|𝟏")] // mathematical letters and digits
    [InlineData("x😀😀y", "x|😀😀|y")]
    [InlineData("(😀y", "(😀|y")]
    [InlineData("😀𐐷", "😀𐐷")] // one non-letter may lead a word
    [InlineData("𠮷𠮷x", "𠮷𠮷x")]
    public void Qwen2(string text, string pieces) => Check(TokenizerCase.Qwen2, text, pieces);

    [Theory]
    [InlineData("int x1 = 42;", "int| x|1| =| |4|2|;")]
    [InlineData("it's a\n\nb", "it|'s| a|\n\n|b")]
    [InlineData("a \n \nb", "a| \n|\n|b", "a| \n \n|b")]
    [InlineData("'re x", "'re| x")]
    [InlineData("𝐀𝐁 𝟎𝟏😀", "𝐀𝐁| |𝟎|𝟏|😀")]
    [InlineData("a😀\n\nb", "a|😀\n\n|b")]
    public void Bailing(string text, string pieces, string? other = null) => Check(TokenizerCase.Bailing, text, other ?? pieces);

    [Theory]
    [InlineData("int x12", "int| x|1|2")]
    [InlineData("f();\n\tg", "f|();|\n|\tg")]
    [InlineData("𝐀 𝟎𝟏", "𝐀| |𝟎|𝟏")]
    [InlineData("x = {\n}", "x| =| {|\n|}")]
    public void SeedCoder(string text, string pieces) => Check(TokenizerCase.SeedCoder, text, pieces);

    [Fact]
    public void The_engines_own_pattern_of_Qwen2_is_the_published_one() => Assert.Equal(TokenizerCase.Qwen2, PreTokenizerPattern.Qwen2);

    private static void Check(string pattern, string text, string pieces) =>
        Assert.Equal(pieces.Split('|'), new PreTokenizer(pattern).Cut(text).Select(p => text.Substring(p.Start, p.Length)));
}
