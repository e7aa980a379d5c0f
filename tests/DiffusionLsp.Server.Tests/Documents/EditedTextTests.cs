using DiffusionLsp.Server.Documents;

namespace DiffusionLsp.Server.Tests.Documents;

/// <summary>Many edits at once give the same as one after another, whatever they split or join, without a copy for each.</summary>
public class EditedTextTests
{
    // Short alphabets, so that line breaks and pairs are often cut and joined.
    private static readonly string[] Parts = ["\r", "\n", "\r\n", "a", "é", "🙂", "\ud83d", "\ude42", "word ", "\u2028", "", "x\ry\n"];

    /// <summary>What the protocol defines: each edit applies to the whole text that the previous one left.</summary>
    private static string Naive(string text, TextSpan span, string inserted, PositionEncoding encoding)
    {
        var index = new LineIndex(text, encoding);
        int start = index.Offset(span.StartLine, span.StartColumn), end = index.Offset(span.EndLine, span.EndColumn);
        return string.Concat(text.AsSpan(0, Math.Min(start, end)), inserted, text.AsSpan(Math.Max(start, end)));
    }

    private static string Some(Random random, int most) => string.Concat(Enumerable.Range(0, random.Next(most + 1)).Select(_ => Parts[random.Next(Parts.Length)]));

    /// <summary>Mostly nearby, sometimes far beyond the end, in either order.</summary>
    private static TextSpan Span(Random random, int lines, int columns)
    {
        int Number(int most) => random.Next(20) == 0 ? int.MaxValue : random.Next(most + 3);
        int line = Number(lines);
        return random.Next(3) == 0
            ? new TextSpan(line, Number(columns), Number(lines), Number(columns))
            : new TextSpan(line, Number(columns), line, Number(columns));
    }

    [Theory]
    [InlineData(PositionEncoding.Utf16)]
    [InlineData(PositionEncoding.Utf8)]
    [InlineData(PositionEncoding.Utf32)]
    public void Random_edits_are_those_of_the_whole_text(object encoding)
    {
        var columnUnits = (PositionEncoding)encoding;
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            // Some texts are many pieces long, some one, some none; some are a single line.
            string text = Some(random, seed % 3 == 0 ? 3_000 : 20);
            if (seed % 7 == 0) text = text.Replace('\r', 'r').Replace('\n', 'n');
            var edited = new EditedText(text, columnUnits);
            for (int i = 0; i < 25; i++)
            {
                int lines = new LineIndex(text).LineCount;
                TextSpan span = Span(random, lines, random.Next(4) == 0 ? text.Length : 12);
                string inserted = Some(random, random.Next(10) == 0 ? 1_500 : 3);
                edited.Replace(span, inserted);
                string expected = Naive(text, span, inserted, columnUnits);
                Assert.True(expected == edited.ToString(), $"seed {seed}, edit {i}: {span} by {inserted.Length} characters");
                text = expected;
            }
        }
    }

    [Theory]
    [InlineData("a\r\nb", 0, 1, 0, 9, "\n")] // a line feed before CRLF
    [InlineData("a\rb\nc", 1, 0, 1, 1, "")] // CR and LF become one break
    [InlineData("\r\n", 1, 0, 0, 0, "")]
    [InlineData("", 3, 3, 0, 0, "x")]
    public void Line_breaks_that_meet_are_one(string text, int startLine, int startColumn, int endLine, int endColumn, string inserted)
    {
        var span = new TextSpan(startLine, startColumn, endLine, endColumn);
        var edited = new EditedText(text, PositionEncoding.Utf16);
        edited.Replace(span, inserted);
        edited.Replace(new TextSpan(1, 0, 1, 0), "!");
        Assert.Equal(Naive(Naive(text, span, inserted, PositionEncoding.Utf16), new TextSpan(1, 0, 1, 0), "!", PositionEncoding.Utf16), edited.ToString());
    }

    [Theory]
    [InlineData(PositionEncoding.Utf16, true)]
    [InlineData(PositionEncoding.Utf8, true)]
    [InlineData(PositionEncoding.Utf16, false)] // one line of 1.2 million characters
    [InlineData(PositionEncoding.Utf8, false)]
    public void Ten_thousand_edits_of_a_megabyte_do_not_copy_it_ten_thousand_times(object encoding, bool hasLines)
    {
        string text = string.Concat(Enumerable.Repeat(hasLines ? "let total = price * amount; // é\n" : "let total = price * amount; // é ", 36_364));
        var random = new Random(1);
        TextChange?[] edits = [.. Enumerable.Range(0, 10_000).Select(i =>
        {
            (int line, int column) = hasLines ? (random.Next(36_364), random.Next(30)) : (0, random.Next(1_200_000));
            return (TextChange?)new TextChange(new TextSpan(line, column, line, column + i % 3), i % 2 == 0 ? "xy" : "");
        })];
        var document = new TextDocument("file:///a.ts", "typescript", 1, text, (PositionEncoding)encoding);
        long before = GC.GetAllocatedBytesForCurrentThread();
        TextDocument after = document.WithChanges(2, edits);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 400L << 20, $"{allocated >> 20} MiB were allocated"); // a copy for each would be 24,000
        Assert.NotEqual(text, after.Text);
    }
}
