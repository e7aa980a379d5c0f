using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests;

/// <summary>Which part of a canvas is the completion, and why it ends there.</summary>
public sealed class WrittenTextTests
{
    private static readonly CodeTokenizer Tokenizer = TinyTokenizer.Load();
    private static readonly int End = Tokenizer.Special.EndOfText;

    [Fact]
    public void A_full_canvas_ends_by_its_length() => Assert.Equal(new WrittenText("a\nb", StopReason.Length, 3), Of("a\nb"));

    [Fact]
    public void Text_after_a_gap_is_not_final()
    {
        Canvas canvas = Filled("ab", room: 3);
        canvas.Commit(4, 'z');
        Assert.Equal(new WrittenText("ab", StopReason.Budget, 2), WrittenText.Of(canvas, Tokenizer, singleLine: false, healing: null));
    }

    [Fact]
    public void An_end_of_text_hides_what_follows_it()
    {
        Canvas canvas = Filled("ab", room: 2);
        canvas.Commit(2, End);
        canvas.Commit(3, 'z');
        Assert.Equal(new WrittenText("ab", StopReason.EndOfText, 2), WrittenText.Of(canvas, Tokenizer, singleLine: false, healing: null));
    }

    [Theory]
    [InlineData("ab\ncd", "ab")]
    [InlineData("ab\r\ncd", "ab")]
    [InlineData("\ncd", "")]
    public void A_single_line_ends_with_its_line(string written, string expected)
    {
        WrittenText text = Of(written, singleLine: true);
        Assert.Equal((expected, StopReason.EndOfLine), (text.Text, text.Reason));
    }

    [Fact]
    public void Half_a_character_at_the_end_is_held_back()
    {
        Canvas canvas = Filled("a", room: 2);
        canvas.Commit(1, 0xC3);
        Assert.Equal("a", WrittenText.Of(canvas, Tokenizer, singleLine: false, healing: null).Text);
        canvas.Commit(2, 0xA9);
        Assert.Equal("aé", WrittenText.Of(canvas, Tokenizer, singleLine: false, healing: null).Text);
    }

    [Fact]
    public void The_healed_part_is_left_out()
    {
        Healing healing = new TokenHealing(Tokenizer).Plan("a in", Tokenizer.Encode("a in"))!;
        Assert.Equal("t x", WrittenText.Of(Filled("int x", room: 0), Tokenizer, singleLine: false, healing).Text);
    }

    private static WrittenText Of(string text, bool singleLine = false) => WrittenText.Of(Filled(text, room: 0), Tokenizer, singleLine, healing: null);

    private static Canvas Filled(string text, int room)
    {
        int[] ids = Tokenizer.Encode(text);
        var canvas = new Canvas(ids.Length + room, Tokenizer.Special.Mask);
        for (int i = 0; i < ids.Length; i++) canvas.Commit(i, ids[i]);
        return canvas;
    }
}
