using System.Text;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Prompts;

/// <summary>Tokens by prefix, against a search through the whole vocabulary.</summary>
public sealed class TokenPrefixesTests
{
    private static readonly CodeTokenizer Tokenizer = CodeTokenizer.Load(EmbeddedModel.FolderOr(null));
    private static readonly TokenPrefixes Prefixes = new(Tokenizer);

    [Fact]
    public void Every_token_and_every_prefix_of_it_finds_what_a_search_finds()
    {
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            ReadOnlySpan<byte> token = Tokenizer.BytesOf(random.Next(Tokenizer.VocabularySize));
            if (token.IsEmpty) continue;
            AssertFound(token[..random.Next(1, token.Length + 1)].ToArray());
        }
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("retu")]
    [InlineData("é")]
    [InlineData("no token begins like this")]
    public void So_does_a_text(string text) => AssertFound(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void Bytes_at_both_ends_of_the_order_are_found()
    {
        AssertFound([0]);
        AssertFound([255]);
        AssertFound([255, 255]);
    }

    [Fact]
    public void Every_token_with_bytes_begins_with_nothing() =>
        Assert.Equal(Enumerable.Range(0, Tokenizer.VocabularySize).Where(id => !Tokenizer.BytesOf(id).IsEmpty), Prefixes.BeginningWith([]).Order());

    private static void AssertFound(byte[] bytes) => Assert.Equal(
        Enumerable.Range(0, Tokenizer.VocabularySize).Where(id => !Tokenizer.BytesOf(id).IsEmpty && Tokenizer.BytesOf(id).StartsWith(bytes)), Prefixes.BeginningWith(bytes).Order());
}
