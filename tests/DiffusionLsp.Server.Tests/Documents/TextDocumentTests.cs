using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Tests.Documents;

/// <summary>Edits in order, whole and in part, and cursors that would split a character.</summary>
public class TextDocumentTests
{
    private static TextDocument Document(string text) => new("file:///a.cs", "csharp", 1, text);

    private static TextChange Edit(int startLine, int startColumn, int endLine, int endColumn, string text) =>
        new(new TextSpan(startLine, startColumn, endLine, endColumn), text);

    [Fact]
    public void Edits_apply_one_after_the_other()
    {
        TextDocument before = Document("one\r\ntwo\r\nthree");
        TextDocument after = before.WithChanges(2, [Edit(1, 0, 1, 3, "2"), Edit(1, 1, 2, 0, ""), new(null, "new\n"), Edit(1, 0, 1, 0, "end")]);
        Assert.Equal("new\nend", after.Text);
        Assert.Equal(2, after.Version);
        Assert.Equal("one\r\ntwo\r\nthree", before.Text);
    }

    [Theory]
    [InlineData("a🙂b", 0, 1, 0, 3, "x", "axb")]
    [InlineData("a\r\nb", 0, 1, 1, 0, "", "ab")]
    [InlineData("a\nb", 0, 1, 0, 99, "!", "a!\nb")]
    [InlineData("abc", 0, 2, 0, 1, "!", "a!c")] // a reversed range replaces what lies between
    [InlineData("a\nb\nc", 2, 0, 0, 1, "-", "a-c")]
    [InlineData("", 5, 5, 9, 9, "x", "x")]
    public void One_edit(string text, int startLine, int startColumn, int endLine, int endColumn, string inserted, string expected) =>
        Assert.Equal(expected, Document(text).WithChanges(2, [Edit(startLine, startColumn, endLine, endColumn, inserted)]).Text);

    [Fact]
    public void A_character_in_two_halves_arrives_whole()
    {
        TextDocument half = Document("x = ''").WithChanges(2, [Edit(0, 5, 0, 5, "\ud83d")]);
        Assert.Equal("x = '\ud83d'", half.Text);
        Assert.Equal("x = '🙂'", half.WithChanges(3, [Edit(0, 6, 0, 6, "\ude42")]).Text);
        Assert.Equal("x = '🙂'", Document("x = ''").WithChanges(2, [Edit(0, 5, 0, 5, "\ud83d"), Edit(0, 6, 0, 6, "\ude42")]).Text);
    }

    [Fact]
    public void No_edits_still_make_a_new_version() => Assert.Equal(7, Document("a").WithChanges(7, []).Version);

    [Theory]
    [InlineData("x║🙂y", 2)]
    [InlineData("x🙂║y", 3)]
    [InlineData("x║🙂y", 1)]
    public void A_cursor_never_splits_a_surrogate_pair(string drawn, int column)
    {
        (string text, int offset) = Cursor.Split(drawn);
        Assert.Equal(offset, Document(text).CursorOffset(0, column));
    }

    [Theory]
    [InlineData("file:///w/src/a%20b.ts", "file:///w", "src/a b.ts")]
    [InlineData("file:///w/src/a.ts", "file:///w/", "src/a.ts")]
    [InlineData("file:///w2/a.ts", "file:///w", "a.ts")]
    [InlineData("untitled:Untitled-1", "file:///w", "Untitled-1")]
    [InlineData("file:/w/src/a.ts", "file:///w", "src/a.ts")]
    [InlineData("file:///C:/w/src/a.ts", "file:///c%3A/w", "src/a.ts")]
    [InlineData("file:///src/a.ts", "file:///", "src/a.ts")]
    [InlineData("vscode-notebook-cell:/w/src/a.ipynb#W1", "file:///w", "src/a.ipynb")]
    [InlineData("not a uri", "file:///w", null)]
    public void Paths_are_relative_to_the_workspace(string uri, string root, string? expected) =>
        Assert.Equal(expected, DocumentPath.Relative(uri, [root]));
}
