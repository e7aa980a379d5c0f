using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Repetitions as instructions: how often, in which order, and what is possessive. <see cref="PieceMatcherTests"/> tests whole patterns.</summary>
public sealed class PatternProgramTests
{
    [Theory]
    [InlineData("a{2,4}", 1 + 4 + 2)] // the match, four times a, two forks
    [InlineData("a+", 1 + 2 + 1)]
    [InlineData("a*+", 1 + 1 + 1 + 1)] // and a look
    [InlineData("ab|c", 1 + 3 + 1)]
    public void A_repetition_is_written_out(string pattern, int instructions) =>
        Assert.Equal(instructions, PatternProgram.Of(PatternReader.Read(pattern).Root).Instructions.Count);

    [Theory]
    [InlineData("a{1,3}", "aaaa", 3)]
    [InlineData("a{1,3}?", "aaaa", 1)]
    [InlineData("a{1,3}+a", "aaaa", 4)]
    [InlineData("a{1,3}+a", "aaa", 0)]
    [InlineData("a?+a", "a", 0)]
    [InlineData("a?+b", "b", 1)]
    [InlineData("ab|abc", "abc", 2)]
    [InlineData("a+(?!b)", "aab", 1)]
    [InlineData("a+(?=b)", "aab", 2)]
    [InlineData("a+(?=b)", "aa", 0)]
    public void It_takes_as_much_as_its_kind_says(string pattern, string text, int length) => Assert.Equal(length, PieceMatcher.Of(pattern).Match(text, 0));
}
