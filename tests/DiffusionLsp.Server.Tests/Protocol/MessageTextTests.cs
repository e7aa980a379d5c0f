using System.Text;
using System.Text.Json;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Tests.Protocol;

public class MessageTextTests
{
    [Theory]
    [InlineData("61 62", "ab")]
    [InlineData("EF BB BF 61", "a")] // a byte order mark
    [InlineData("61 FF 62", "a\uFFFDb")]
    [InlineData("C3", "\uFFFD")] // cut
    [InlineData("F0 9F 99 62", "\uFFFDb")]
    [InlineData("C0 80", "\uFFFD\uFFFD")] // overlong
    [InlineData("F0 9F 99 82", "🙂")]
    [InlineData("61 ED A0 BD 62", "a\\ud83db")] // half a pair, as an escape
    [InlineData("ED A0 BD ED B9 82", "\\ud83d\\ude42")]
    public void Bytes_that_are_no_text_are_mended(string bytes, string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(MessageText.Repaired(Convert.FromHexString(bytes.Replace(" ", "")))));

    [Fact]
    public void Text_is_left_as_it_is()
    {
        byte[] text = "{\"a\":\"é🙂\"}"u8.ToArray();
        Assert.Same(text, MessageText.Repaired(text));
    }

    [Theory]
    [InlineData("""a\ud83d""", """a\ufffd""")]
    [InlineData("""\ud83d\ud83d\ude42\ude42""", """\ufffd\ud83d\ude42\ufffd""")]
    [InlineData("""\uD83D\uDE42\n\\ud83d""", """\uD83D\uDE42\n\\ud83d""")] // a pair, and no escape
    [InlineData("""\\\udc00\"\u00e9""", """\\\ufffd\"\u00e9""")]
    [InlineData("""\ud83d\n\ude42""", """\ufffd\n\ufffd""")]
    [InlineData("abc", "abc")]
    public void Half_pairs_are_found_among_escapes(string inside, string mended)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(inside);
        Assert.Equal(inside != mended, MessageText.HasHalfPair(bytes));
        MessageText.ReplaceHalfPairs(bytes);
        Assert.Equal(mended, Encoding.ASCII.GetString(bytes));
        Assert.NotNull(JsonSerializer.Deserialize<string>($"\"{mended}\""));
    }
}
