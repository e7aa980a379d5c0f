using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Prompts;

/// <summary>An index updated while typing equals a new one.</summary>
public sealed class NgramIndexBuilderTests
{
    [Fact]
    public void Typing_through_a_file_changes_nothing_but_the_work()
    {
        CodeTokenizer tokenizer = CodeTokenizer.Load(EmbeddedModel.Folder!);
        string text = string.Concat(Enumerable.Range(0, 60).Select(i => $"class C{i % 7}\r\n{{\r\n    int value{i % 5} = {i};\r\n\r\n\tvoid M() => Use(value{i % 5});\r\n}}\r\n"));
        var kept = new NgramIndexBuilder(tokenizer);
        var random = new Random(3);
        for (int at = 1; at < text.Length - 1; at += 1 + random.Next(37))
        {
            var request = new InfillRequest { Prefix = text[..at], Suffix = text[Math.Min(text.Length, at + (at / 500))..] };
            int[] context = tokenizer.Encode(text[..at]);
            NgramMatch? expected = new NgramIndex(context, tokenizer.Encode(request.Suffix)).Find(context);
            NgramMatch? actual = kept.Of(request).Find(context);
            Assert.Equal((expected?.Length, expected?.Count), (actual?.Length, actual?.Count));
            Assert.Equal(expected?.Followers, actual?.Followers);
        }
    }

    [Fact]
    public void Another_file_is_not_confused_with_the_last_one()
    {
        CodeTokenizer tokenizer = CodeTokenizer.Load(EmbeddedModel.Folder!);
        var kept = new NgramIndexBuilder(tokenizer);
        string first = string.Concat(Enumerable.Repeat("alpha = beta\n", 80)), second = string.Concat(Enumerable.Repeat("alpha = gamma\n", 80));
        foreach (string text in new[] { first, second, first })
        {
            int[] context = tokenizer.Encode(text + "alpha =");
            int expected = tokenizer.Encode(text[5..])[tokenizer.Encode("alpha =").Length - tokenizer.Encode("alpha").Length];
            Assert.Equal(expected, kept.Of(new InfillRequest { Prefix = text + "alpha =" }).Find(context)!.Followers[0].Token);
        }
    }
}
