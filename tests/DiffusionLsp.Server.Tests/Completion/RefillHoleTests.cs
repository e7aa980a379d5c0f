using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Which part of a selection (between ├ and ┤) is the hole (between [ and ]), and whether a single line must be written.</summary>
public class RefillHoleTests
{
    [Theory]
    [InlineData("f() {\n├  a();\n  b();\n┤}", "f() {\n  [a();\n  b();]\n}", false)]
    [InlineData("f() {\n  ├a();┤\n}", "f() {\n  [a();]\n}", false)]
    [InlineData("f(├ a, b ┤);", "f( [a, b] );", true)]
    [InlineData("├a();\r\n┤b();", "[a();]\r\nb();", false)]
    [InlineData("f() {\n├    \n┤}", "f() {\n    []\n}", false)]
    [InlineData("f() {├\n\n┤}", "f() {[]\n\n}", false)]
    [InlineData("x = ├┤;", "x = [];", true)]
    [InlineData("├┤", "[]", false)]
    [InlineData("a ├🙂 b┤ c", "a [🙂 b] c", true)]
    public void Text_around_the_hole_stays(string selected, string hole, bool insideLine)
    {
        int start = selected.IndexOf('├'), end = selected.IndexOf('┤') - 1;
        string text = selected.Replace("├", "").Replace("┤", "");
        foreach (RefillHole found in new[] { RefillHole.Of(text, start, end), RefillHole.Of(text, end, start) })
        {
            Assert.Equal(hole, text.Insert(found.End, "]").Insert(found.Start, "["));
            Assert.Equal(insideLine, found.IsInsideLine(new TextDocument("a", "b", 1, text)));
        }
    }

    [Theory]
    [InlineData("", "\n")]
    [InlineData("a\nb", "\n")]
    [InlineData("\n\r\n\r\n", "\r\n")]
    [InlineData("a\r\nb\nc\n", "\n")]
    public void Most_lines_decide_how_lines_end(string text, string ending) => Assert.Equal(ending, LineEnding.Of(text));
}
