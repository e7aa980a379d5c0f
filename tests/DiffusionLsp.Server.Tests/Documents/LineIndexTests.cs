using DiffusionLsp.Server.Documents;
using FsCheck.Xunit;

namespace DiffusionLsp.Server.Tests.Documents;

/// <summary>Positions and offsets: every kind of line break, surrogate pairs, positions beyond the text.</summary>
public class LineIndexTests
{
    [Theory]
    [InlineData("║", 0, 0)]
    [InlineData("ab║c", 0, 2)]
    [InlineData("a\n║b", 1, 0)]
    [InlineData("a║\nb", 0, 1)]
    [InlineData("a\r\n║b", 1, 0)]
    [InlineData("a║\r\nb", 0, 1)]
    [InlineData("a\r║b", 1, 0)]
    [InlineData("a\n\n║", 2, 0)]
    [InlineData("a\r\n\r\nb║", 2, 1)]
    [InlineData("a\n\r║", 2, 0)]
    [InlineData("x🙂║y", 0, 3)]
    [InlineData("é║", 0, 1)]
    [InlineData("🙂\r\n🙂🙂║", 1, 4)]
    [InlineData("\t\t║", 0, 2)]
    [InlineData("a\u2028║b", 0, 2)] // U+2028 ends no line in LSP
    public void Place_and_offset_agree(string drawn, int line, int column)
    {
        (string text, int offset) = Cursor.Split(drawn);
        var index = new LineIndex(text);
        Assert.Equal((line, column), index.Place(offset));
        Assert.Equal(offset, index.Offset(line, column));
    }

    [Theory]
    [InlineData("ab║\ncd", 0, 99)]
    [InlineData("ab║\r\ncd", 0, 3)]
    [InlineData("ab\ncd║", 1, int.MaxValue)]
    [InlineData("ab\ncd║", 7, 0)]
    [InlineData("ab\n║", 1, 5)]
    [InlineData("║ab", -1, 4)]
    public void Places_beyond_the_text_are_clamped(string drawn, int line, int column)
    {
        (string text, int offset) = Cursor.Split(drawn);
        Assert.Equal(Cursor.Draw(text, offset), Cursor.Draw(text, new LineIndex(text).Offset(line, column)));
    }

    [Theory]
    [InlineData("é🙂x║y", 7, 3)]
    [InlineData("a\r\né║", 2, 1)]
    [InlineData("║🙂", 0, 0)]
    public void Columns_may_count_bytes_or_code_points(string drawn, int bytes, int codePoints)
    {
        (string text, int offset) = Cursor.Split(drawn);
        LineIndex utf8 = new(text, PositionEncoding.Utf8), utf32 = new(text, PositionEncoding.Utf32);
        int line = text[..offset].Count(c => c == '\n');
        Assert.Equal((line, bytes), utf8.Place(offset));
        Assert.Equal((line, codePoints), utf32.Place(offset));
        Assert.Equal((offset, offset), (utf8.Offset(line, bytes), utf32.Offset(line, codePoints)));
    }

    [Theory]
    [InlineData(1, 0)] // inside é
    [InlineData(4, 1)] // inside 🙂
    [InlineData(99, 3)]
    public void A_column_inside_a_character_is_before_it(int bytes, int offset) => Assert.Equal(offset, new LineIndex("é🙂", PositionEncoding.Utf8).Offset(0, bytes));

    [Property]
    public bool Every_offset_but_one_inside_a_line_break_comes_back(string[] parts)
    {
        string text = string.Join("\r\n", (parts ?? []).Select(p => p ?? ""));
        var index = new LineIndex(text);
        return Enumerable.Range(0, text.Length + 1).All(at =>
        {
            (int line, int column) = index.Place(at);
            bool insideBreak = at > 0 && at < text.Length && text[at - 1] == '\r' && text[at] == '\n';
            return insideBreak || index.Offset(line, column) == at;
        });
    }
}
