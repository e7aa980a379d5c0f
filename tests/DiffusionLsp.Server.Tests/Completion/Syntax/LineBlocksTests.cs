using DiffusionLsp.Server.Completion.Syntax;

namespace DiffusionLsp.Server.Tests.Completion.Syntax;

/// <summary>Which lines belong together, by indentation alone. The line in question begins with ║.</summary>
public sealed class LineBlocksTests
{
    private const string Python = "class A:\n    x = 1\n\n    def f(self):\n        a()\n        if b:\n            c()\n        d()\n    y = 2\nz = 3";
    private const string CSharp = "class A\n{\n    int F()\n    {\n        return 1;\n    }\n}";

    [Theory]
    [InlineData("        a()", "if b:|d()")]
    [InlineData("    x = 1", "def f(self):|y = 2")]
    [InlineData("            c()", "")]
    [InlineData("z = 3", "class A:")]
    public void Siblings_have_the_same_indentation_and_nothing_less_between(string line, string expected) =>
        Assert.Equal(expected, Text(Python, lines => LineBlocks.Siblings(lines, Array.IndexOf(lines, line)).Order()));

    [Theory]
    [InlineData(Python, "            c()", "if b:|def f(self):|class A:")]
    [InlineData(Python, "        d()", "def f(self):|class A:")]
    [InlineData(Python, "class A:", "")]
    [InlineData(CSharp, "        return 1;", "{|int F()|{|class A")] // a brace on its own line brings its header
    public void Ancestors_are_named_innermost_first(string text, string line, string expected) =>
        Assert.Equal(expected, Text(text, lines => LineBlocks.Ancestors(lines, Array.IndexOf(lines, line))));

    [Theory]
    [InlineData(Python, "    def f(self):", "    y = 2")]
    [InlineData(Python, "        a()", "        if b:")]
    [InlineData(Python, "class A:", "z = 3")]
    [InlineData(CSharp, "    int F()", "    }")]
    public void A_body_ends_before_the_next_line_at_its_header_s_level(string text, string header, string next)
    {
        string[] lines = text.Split('\n');
        Assert.Equal(next, lines[LineBlocks.BodyEnd(lines, Array.IndexOf(lines, header))]);
    }

    [Fact]
    public void The_last_body_ends_with_the_text() => Assert.Equal(2, LineBlocks.BodyEnd(["a:", "  b"], 0));

    private static string Text(string text, Func<string[], IEnumerable<int>> find)
    {
        string[] lines = text.Split('\n');
        return string.Join('|', find(lines).Select(i => lines[i].Trim()));
    }
}
