using DiffusionLsp.Server.Completion.Postprocess;

namespace DiffusionLsp.Server.Tests.Completion.Postprocess;

/// <summary>The document's lines with a draft inserted at the cursor.</summary>
public sealed class WrittenLinesTests
{
    [Theory]
    [InlineData("one\n  tw║", "o", 0, "one|  two", 1, 2)]
    [InlineData("one\n  f(║)\n\nfour", "a)\n  g(", 0, "one|  f(a)|  g()|four", 1, 3)] // blank lines below are left out
    [InlineData("f(║);", "a);\ng();", 2, "f(a);|g();", 0, 2)] // what is replaced is not repeated
    [InlineData("║", "a", 0, "a", 0, 1)]
    public void The_draft_continues_the_cursor_s_line(string drawn, string draft, int replaced, string lines, int first, int last)
    {
        WrittenLines written = Of(drawn, draft, replaced);
        Assert.Equal((lines, first, last), (string.Join('|', written.Lines), written.First, written.Last));
    }

    [Fact]
    public void A_draft_can_end_before_any_of_its_lines()
    {
        WrittenLines written = Of("a\n  ║\nz", "b\n\n  c\n  d", 0);
        Assert.Equal("b\n\n  c", written.Before(4));
        Assert.Equal("b\n", written.Before(3));
        Assert.Equal("", written.Before(1));
        Assert.Equal("", Of("║", "\n  \nx", 0).Before(2)); // only blank lines would be left
    }

    private static WrittenLines Of(string drawn, string draft, int replaced)
    {
        (string text, int offset) = Cursor.Split(drawn);
        return WrittenLines.Of(draft, Surroundings.Of(text[..offset], text[offset..], singleLine: false), replaced);
    }
}
