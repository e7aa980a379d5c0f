using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>How a text is indented, inferred from its lines.</summary>
public sealed class IndentStyleTests
{
    [Theory]
    [InlineData("a\n  b\n    c\n  d\n", 2)]
    [InlineData("a\n    b\n        c\n", 4)]
    [InlineData("a\n   b\n", 3)]
    [InlineData("a {\n    b\n}\nc {\n    d(\n      e)\n}\n", 4)] // one continuation line does not decide
    [InlineData("a\n                    b\n", 4)] // a step of more than eight blanks is alignment
    public void Blanks_per_level(string text, int width) => Assert.Equal(new IndentStyle(false, width), IndentStyle.Of(text));

    [Theory]
    [InlineData("a\n\tb\n")]
    [InlineData("a\n\tb\n    c\n")] // a tie
    [InlineData("a\n\tb\n\t\tc\n  d\n")]
    public void Tabs(string text) => Assert.Equal(new IndentStyle(true, 4), IndentStyle.Of(text));

    [Theory]
    [InlineData("")]
    [InlineData("a\nb\n")]
    [InlineData("a\n b\n")] // one blank is no level
    [InlineData("a\n    \n")] // nor is a blank line
    public void None(string text) => Assert.Null(IndentStyle.Of(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("  x\t", 2)]
    [InlineData("\tx", 4)]
    [InlineData(" \tx", 4)]
    [InlineData("     \tx", 8)]
    public void A_tab_extends_to_the_next_stop(string line, int width) => Assert.Equal(width, IndentStyle.WidthOf(line));
}
