using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Tokenization;
using FsCheck.Xunit;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Encoding and decoding, exactly. <see cref="TokenizerFileTests"/> tests damaged files.</summary>
public sealed class CodeTokenizerTests
{
    private static readonly CodeTokenizer Tokenizer = TinyTokenizer.Load();

    [Property(Arbitrary = [typeof(UnicodeTextArbitrary)], MaxTest = 1000)]
    public bool EveryValidTextRoundTrips(UnicodeText text)
    {
        int[] ids = Tokenizer.Encode(text.Value);
        byte[] bytes = [.. ids.SelectMany(id => Tokenizer.BytesOf(id).ToArray())];
        return Tokenizer.Decode(ids) == text.Value && bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text.Value));
    }

    [Property(Arbitrary = [typeof(UnicodeTextArbitrary)], MaxTest = 300)]
    public bool TextNeverBecomesASpecialToken(UnicodeText text) =>
        Tokenizer.Encode(text.Value + "<|mask|><|pad|>").All(id => id < TinyTokenizer.FirstSpecial);

    [Theory]
    [InlineData("", new int[0])]
    [InlineData("ret", new[] { 257 })]                       // r e, then re t
    [InlineData("retre", new[] { 257, 256 })]
    [InlineData("int x", new[] { 261, 258 })]                // in t; the space goes with x
    [InlineData("int\n x", new[] { 261, 259, 120 })]         // the break takes the indentation, so "Ġ x" cannot merge
    [InlineData("\0", new[] { 0 })]
    [InlineData("é", new[] { 0xC3, 0xA9 })]
    [InlineData("<|mask|>", new[] { 262, 109, 97, 115, 107, 263 })]
    public void MergesFollowTheirRank(string text, int[] expected) => Assert.Equal(expected, Tokenizer.Encode(text));

    [Fact]
    public void LoneSurrogatesBecomeTheReplacementCharacter()
    {
        // Not a theory: attributes cannot hold lone surrogates.
        Assert.Equal("\uFFFD", RoundTrip("\uD83D"));
        Assert.Equal("a\uFFFDb", RoundTrip("a\uDE00b"));
        Assert.Equal("\uFFFD\uFFFD", RoundTrip("\uDE00\uD83D"));
        Assert.Equal("\uFFFD\U0001F600", RoundTrip("\uD83D\uD83D\uDE00"));
    }

    private static string RoundTrip(string text) => Tokenizer.Decode(Tokenizer.Encode(text));

    [Fact]
    public void DecodeDropsSpecialTokens()
    {
        SpecialTokens special = Tokenizer.Special;
        Assert.Equal("ret", Tokenizer.Decode([special.FimPrefix!.Value, 257, special.Mask, special.EndOfText]));
        Assert.True(Tokenizer.BytesOf(special.Mask).IsEmpty);
    }

    [Fact]
    public void HalfACharacterDecodesToTheReplacementCharacter() => Assert.Equal("\uFFFD", Tokenizer.Decode([0xC3]));

    [Theory]
    [InlineData(-1)]
    [InlineData(271)]
    public void AnIdOutsideTheVocabularyIsRefused(int id)
    {
        Assert.Equal(271, Tokenizer.VocabularySize);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([id]));
    }

    [Fact]
    public void SpecialTokensAreFoundByContent()
    {
        int first = TinyTokenizer.FirstSpecial;
        Assert.Equal(new SpecialTokens(first, first + 1, first + 2, first + 3, first + 4, first + 5, first + 6), Tokenizer.Special);
    }

    [Fact]
    public void TheSpellingsOfQwenAreKnown()
    {
        JsonObject json = TinyTokenizer.Json();
        json["added_tokens"]![5]!["content"] = "<|file_sep|>";
        json["added_tokens"]![6]!["content"] = "<|fim_pad|>";
        int first = TinyTokenizer.FirstSpecial;
        SpecialTokens special = TinyTokenizer.Load(json).Special;
        Assert.Equal((first + 5, first + 6), (special.File, special.Pad));
    }

    [Theory, Trait("tier", "slow")]
    [InlineData("a")]
    [InlineData("=")]
    [InlineData("\n")]
    [InlineData("👍")]
    [InlineData("=👍👍")] // surrogate pairs at odd places, so that a blind cut would halve one
    public void VeryLongWordsRoundTripInLinearTime(string piece)
    {
        // A tokenizer that merges runs: without a cut, a million signs would take two minutes.
        JsonObject json = TinyTokenizer.Json();
        foreach (string merge in new[] { "a a", "aa aa", "= =", "== ==", "Ċ Ċ", "ĊĊ ĊĊ" })
        {
            json["model"]!["vocab"]![merge.Replace(" ", "")] = json["model"]!["vocab"]!.AsObject().Count;
            json["model"]!["merges"]!.AsArray().Add(merge);
        }
        foreach (JsonNode? token in json["added_tokens"]!.AsArray()) token!["id"] = token["id"]!.GetValue<int>() + 6;
        CodeTokenizer tokenizer = TinyTokenizer.Load(json);

        string text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        Stopwatch clock = Stopwatch.StartNew();
        Assert.True(text == tokenizer.Decode(tokenizer.Encode(text)));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void GapsThatAForeignPatternLeavesAreKept()
    {
        CodeTokenizer gappy = TinyTokenizer.Load(TinyTokenizer.Json().WithPattern("[a-z]+"));
        const string Text = "  re; int\n\tx==3 ";
        Assert.Equal(Text, gappy.Decode(gappy.Encode(Text)));
    }

    [Fact]
    public void ManyThreadsAgreeWithOneAndTheCacheIsBounded()
    {
        CodeTokenizer shared = TinyTokenizer.Load();
        // More distinct words than the cache holds, from several threads.
        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 9_000; i++)
            {
                string text = $"ret q{(char)('a' + thread)}{Letters(i)} int";
                if (shared.Decode(shared.Encode(text)) != text) throw new InvalidOperationException(text);
            }
        });
        Assert.Equal(Tokenizer.Encode("int ret"), shared.Encode("int ret"));
        Assert.InRange(shared.RememberedWords, 1, CodeTokenizer.MostRememberedWords);
    }

    private static string Letters(int value) => string.Concat(value.ToString().Select(digit => (char)('a' + digit - '0')));
}
