using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Where the window around the cursor begins and ends.</summary>
public class ContextWindowTests
{
    private readonly SessionFixture fixture = new(new ScriptedEngine(""));

    [Theory]
    [InlineData("a\r\nb║\rc", "a\nb", "\nc")]
    [InlineData("a\u2028\f\u0085║b", "a\u2028\f\u0085", "b")]
    [InlineData("║", "", "")]
    public void Line_breaks_become_LF_and_nothing_else_changes(string drawn, string prefix, string suffix) =>
        Assert.Equal((prefix, suffix), ContextWindow.Cut(fixture.At(drawn)));

    [Fact]
    public void Large_documents_are_cut_at_line_starts()
    {
        string line = new string('x', 99) + "\n";
        string text = string.Concat(Enumerable.Repeat(line, 1000));
        (string prefix, string suffix) = ContextWindow.Cut(fixture.At(text.Insert(50_050, "║")));
        Assert.InRange(prefix.Length, 16_384, 16_384 + 4_096 + 200);
        Assert.InRange(suffix.Length, 7_900, 8_192);
        Assert.StartsWith("xxx", prefix);
        Assert.Equal(50, prefix.Length - prefix.LastIndexOf('\n') - 1);
        Assert.EndsWith("\n", suffix);
    }

    [Fact]
    public void The_start_stays_put_while_one_types()
    {
        string text = string.Concat(Enumerable.Repeat("some line of code\n", 3000));
        int starts = Enumerable.Range(0, 4096)
            .Select(typed => typed + text.Length - ContextWindow.Cut(fixture.At(text + new string('y', typed) + "║")).Prefix.Length)
            .Distinct().Count();
        Assert.InRange(starts, 1, 2); // one step in 4,096 characters
    }

    [Fact]
    public void A_cut_without_line_breaks_spares_surrogate_pairs()
    {
        string text = "x" + string.Concat(Enumerable.Repeat("🙂", 30_000));
        (string prefix, string suffix) = ContextWindow.Cut(fixture.At(text.Insert(30_001, "║")));
        Assert.False(char.IsLowSurrogate(prefix[0]));
        Assert.False(char.IsHighSurrogate(suffix[^1]));
    }
}
