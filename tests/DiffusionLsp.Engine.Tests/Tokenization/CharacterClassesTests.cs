using System.Text.RegularExpressions;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Classes tell for every UTF-16 unit which sets contain it, and there are no more classes than necessary.</summary>
public sealed class CharacterClassesTests
{
    [Fact]
    public void Every_unit_is_in_the_sets_of_its_class()
    {
        (string Text, bool IgnoresCase)[] sets = [(@"\p{L}", false), (@"[^\s\p{L}\p{N}]", false), (@"\s", false), ("s", true), ("[\r\n]", false), (".", false)];
        var classes = new CharacterClasses(sets);
        for (int i = 0; i < sets.Length; i++)
        {
            var one = new Regex($@"\A(?:{sets[i].Text})\z", RegexOptions.CultureInvariant | (sets[i].IgnoresCase ? RegexOptions.IgnoreCase : 0));
            for (int unit = 0; unit <= char.MaxValue; unit++)
                Assert.Equal(one.IsMatch(((char)unit).ToString()), classes.Holds(i, classes.Of[unit]));
        }
        Assert.Equal(classes.Count, Enumerable.Range(0, classes.Count).Select(c => string.Concat(sets.Select((_, i) => classes.Holds(i, c)))).Distinct().Count());
    }

    [Fact]
    public void A_set_of_nothing_and_one_of_everything_split_nothing() =>
        Assert.Equal(1, new CharacterClasses([(@"[^\s\S]", false), (@"[\s\S]", false)]).Count);
}
