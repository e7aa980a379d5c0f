using DiffusionLsp.Training.Tokenizer;

namespace DiffusionLsp.Training.Tests.Tokenizer;

/// <summary>What is counted, what is left out, and that counters add up.</summary>
public sealed class PreTokenCounterTests
{
    [Fact]
    public void PreTokensAreCounted()
    {
        PreTokenCounter counter = new();
        counter.Add("int x;\n    int y;");
        Assert.Equal(
            new Dictionary<string, long> { ["int"] = 2, [" x"] = 1, [";"] = 2, ["\n    "] = 1, [" y"] = 1 }.OrderBy(pair => pair.Key),
            counter.Counts.OrderBy(pair => pair.Key));
    }

    [Fact]
    public void LongPreTokensAreLeftOut()
    {
        PreTokenCounter counter = new();
        counter.Add(new string('=', PreTokenCounter.MostCharacters) + "\n" + new string('-', PreTokenCounter.MostCharacters + 1));
        Assert.Equal([1L, 1L], counter.Counts.Values);
        Assert.Contains(new string('=', PreTokenCounter.MostCharacters), counter.Counts.Keys);
    }

    [Fact]
    public void CountersAddUp()
    {
        PreTokenCounter one = new();
        PreTokenCounter other = new();
        one.Add("a b");
        other.Add("b b");
        one.Add(other);
        Assert.Equal([("a", 1L), (" b", 2L), ("b", 1L)], one.Counts.Select(pair => (pair.Key, pair.Value)));
    }
}
