using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>The supported pattern syntax, and that the rest is rejected with a clause.</summary>
public sealed class PatternReaderTests
{
    [Theory]
    [InlineData("(a+)+$", "needs the anchor $")]
    [InlineData("^a", "needs the anchor ^")]
    [InlineData(@"(a)\1", @"needs \1")]
    [InlineData(@"\bword\b", @"needs \b")]
    [InlineData("(?<=a)b", "needs a group that begins with (?<=")]
    [InlineData("(?>ab)c", "needs a group that begins with (?>")]
    [InlineData("a(?!bc)", "needs a lookahead beyond the next character")]
    [InlineData("(?:ab)++", "needs a possessive repetition of more than one set")]
    [InlineData("(a*)*b", "needs a repetition of something that may be empty")]
    [InlineData("(?:a|)+", "needs a repetition of something that may be empty")]
    [InlineData("[a-z-[aeiou]]", "needs a set inside a set")]
    [InlineData(@"[\w&&[^a]]", "needs a set inside a set")]
    [InlineData("([", "is not a regular expression")]
    [InlineData("a)", "is not a regular expression")]
    [InlineData("(a", "is not a regular expression")]
    [InlineData("*a", "is not a regular expression")]
    [InlineData("a{3,1}", "is not a regular expression")]
    [InlineData("\\", "is not a regular expression")]
    [InlineData(@"\p{Klingon}", "is not a regular expression")]
    [InlineData("[z-a]", "is not a regular expression")]
    [InlineData(@"\x4", "is not a regular expression")]
    [InlineData("(?:a{1,1000}){1,1000}", "is too large")]
    [InlineData("a{2147483647}", "is too large")]
    [InlineData("(?:a|b)*a(?:a|b){20}", "has more than 1000 states")]
    public void What_cannot_be_matched_in_linear_time_is_refused(string pattern, string says)
    {
        string clause = Assert.Throws<InvalidDataException>(() => PieceMatcher.Of(pattern)).Message;
        Assert.Contains(says, clause);
        Assert.DoesNotContain('\n', clause);
    }

    [Fact]
    public void A_pattern_without_end_is_refused()
    {
        Assert.Contains("nests groups", Assert.Throws<InvalidDataException>(() => PatternReader.Read(new string('(', 3000))).Message);
        Assert.Contains("nests repetitions", Assert.Throws<InvalidDataException>(() => PatternReader.Read("a" + string.Concat(Enumerable.Repeat("{1}", 60)))).Message);
        Assert.Contains("more than 4000", Assert.Throws<InvalidDataException>(() => PatternReader.Read(new string('a', 5000))).Message);
        Assert.Contains("different sets", Assert.Throws<InvalidDataException>(() => PatternReader.Read(string.Concat(Enumerable.Range(0x4E00, 300).Select(c => (char)c)))).Message);
    }

    [Theory]
    [InlineData("a{", "a{")]
    [InlineData("a{b}", "a{b}")]
    [InlineData("a{,2}", "a{,2}")]
    [InlineData("]", "]")]
    [InlineData("[]a]+", "]a]")]
    [InlineData(@"[\]\\]+", @"]\")]
    [InlineData("(?i:straSse)", "STRASSE")]
    [InlineData(@"\u0041\x42", "AB")]
    [InlineData("a{2,3}?b?", "aa")]
    [InlineData("(((a)))++b", "aaab")]
    public void The_rest_is_read_as_in_NET(string pattern, string matched) => Assert.Equal(matched.Length, PieceMatcher.Of(pattern).Match(matched, 0));
}
