using DiffusionLsp.Server.Context;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Similarity of windows, and that only changed texts are split again.</summary>
public class WordWindowsTests
{
    [Fact]
    public void The_window_with_most_words_in_common_is_the_best()
    {
        string text = string.Concat(Enumerable.Range(0, 40).Select(i => $"let filler{i} = 0\r\n")) + "let needle = haystack\r\n" + string.Concat(Enumerable.Range(40, 40).Select(i => $"let filler{i} = 0\r\n"));
        var (window, similarity) = new WordWindows().Best(Text("a", 1, text), WordWindows.Words("needle haystack"))!.Value;
        Assert.Contains("let needle = haystack\n", window.Text);
        Assert.DoesNotContain("\r", window.Text);
        Assert.InRange(window.Text.Split('\n').Length, 1, WordWindows.Lines);
        Assert.InRange(similarity, 0.05, 0.2);
    }

    [Fact]
    public void Equal_words_are_similarity_1_and_other_words_none()
    {
        var windows = new WordWindows();
        Assert.Equal(1, windows.Best(Text("a", 1, "one two_2(three)"), WordWindows.Words("three two_2 one one"))!.Value.Similarity);
        Assert.Null(windows.Best(Text("b", 1, "one two"), WordWindows.Words("four")));
        Assert.Null(windows.Best(Text("c", 1, ""), WordWindows.Words("one")));
        Assert.Empty(WordWindows.Words("1 22 a ; 3x"));
    }

    [Fact]
    public void A_text_is_cut_again_when_its_stamp_changes()
    {
        var windows = new WordWindows();
        var words = WordWindows.Words("one");
        windows.Best(Text("a", 1, "one"), words);
        Assert.NotNull(windows.Best(Text("a", 1, "two"), words)); // remembered
        Assert.Null(windows.Best(Text("a", 2, "two"), words));
        for (int i = 0; i < 300; i++) windows.Best(Text($"f{i}", 1, "two"), words); // "a" is forgotten
        Assert.NotNull(windows.Best(Text("a", 2, "one"), words));
    }

    private static ContextText Text(string path, int stamp, string text) => new(new WorkspaceFile("/w", path, "/w/" + path), stamp, text);
}
