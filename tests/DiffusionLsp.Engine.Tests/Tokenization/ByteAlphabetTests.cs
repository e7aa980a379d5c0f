using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>The byte alphabet is the published one and reversible.</summary>
public sealed class ByteAlphabetTests
{
    [Theory]
    [InlineData(0x00, 'Ā')]
    [InlineData((int)' ', 'Ġ')]
    [InlineData((int)'\n', 'Ċ')]
    [InlineData((int)'\t', 'ĉ')]
    [InlineData((int)'!', '!')]
    [InlineData((int)'~', '~')]
    [InlineData(0x7F, 'ġ')]
    [InlineData(0xAD, 'Ń')]
    [InlineData(0xFF, 'ÿ')]
    public void SomeBytesAreSpeltSo(int value, char expected) => Assert.Equal(expected, ByteAlphabet.CharacterOf((byte)value));

    [Fact]
    public void SpellingIsReversible()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        Assert.Equal(all, ByteAlphabet.Unspell(ByteAlphabet.Spell(all)));
        Assert.Null(ByteAlphabet.Unspell("a b"));
    }
}
