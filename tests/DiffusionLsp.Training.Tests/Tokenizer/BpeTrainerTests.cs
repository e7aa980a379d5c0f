using System.Text;
using DiffusionLsp.Engine;
using DiffusionLsp.Training.Tokenizer;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace DiffusionLsp.Training.Tests.Tokenizer;

/// <summary>The learned merges, by hand and against a trainer that recounts everything at each step.</summary>
public sealed class BpeTrainerTests
{
    private static readonly Dictionary<string, long> Words = new() { ["low"] = 5, ["lower"] = 2, ["newest"] = 6, ["widest"] = 3 };

    [Fact]
    public void TheMergesAreThoseDoneByHand()
    {
        // Counts at each step: es 9 (tie with st, smaller ids first), est 9, lo 7, low 7, ew 6 (tie with ne), new 6, newest 6,
        // dest 3 (tie with wi and id), idest 3, widest 3, er 2 (tie with low+e), lower 2. Then nothing is left to merge.
        string[] expected = ["es", "est", "lo", "low", "ew", "new", "newest", "dest", "idest", "widest", "er", "lower"];
        BpeMerges learned = BpeTrainer.Train(Words, 1000);
        Assert.Equal(expected, learned.Tokens.Skip(256).Select(Encoding.UTF8.GetString));
        Assert.Equal(new SymbolPair('e', 's'), learned.Merges[0]);
        Assert.Equal(new SymbolPair(256, 't'), learned.Merges[1]);
    }

    [Fact]
    public void TrainingStopsAtTheSizeAsked() => Assert.Equal(260, BpeTrainer.Train(Words, 260).Tokens.Count);

    [Fact]
    public void TheOrderOfCountingDoesNotMatter()
    {
        BpeMerges forward = BpeTrainer.Train(Words, 300);
        BpeMerges backward = BpeTrainer.Train(Words.Reverse().ToDictionary(), 300);
        Assert.Equal(forward.Merges, backward.Merges);
    }

    [Fact]
    public void WithoutRepeatsNothingIsMerged() => Assert.Empty(BpeTrainer.Train(new Dictionary<string, long> { ["abc"] = 1 }, 300).Merges);

    [Theory]
    [InlineData(255)]
    [InlineData(65_001)]
    public void AnImpossibleSizeIsRefused(int size) => Assert.Contains("256 to 65000", Assert.Throws<EngineException>(() => BpeTrainer.Train(Words, size)).Message);

    [Property(Arbitrary = [typeof(WordCountsArbitrary)], MaxTest = 300)]
    public bool TrainingAgreesWithCountingAfresh(WordCounts words)
    {
        BpeMerges learned = BpeTrainer.Train(words.Value, 290);
        return learned.Merges.SequenceEqual(MergesByRecounting(words.Value, 290));
    }

    /// <summary>The definition, slow: count all pairs, merge the best, start over.</summary>
    private static List<SymbolPair> MergesByRecounting(IReadOnlyDictionary<string, long> counts, int tokens)
    {
        List<(List<ushort> Symbols, long Count)> words = [.. counts.Select(word => (Encoding.UTF8.GetBytes(word.Key).Select(value => (ushort)value).ToList(), word.Value))];
        Dictionary<ushort, string> spellings = Enumerable.Range(0, 256).ToDictionary(id => (ushort)id, id => ((char)id).ToString());
        List<SymbolPair> merges = [];
        while (spellings.Count < tokens)
        {
            SymbolPair? best = words
                .SelectMany(word => word.Symbols.Zip(word.Symbols.Skip(1), (left, right) => (Pair: new SymbolPair(left, right), word.Count)))
                .GroupBy(pair => pair.Pair, pair => pair.Count)
                .Select(group => (Pair: group.Key, Count: group.Sum()))
                .Where(pair => pair.Count >= 2)
                .OrderByDescending(pair => pair.Count).ThenBy(pair => pair.Pair.Left).ThenBy(pair => pair.Pair.Right)
                .Select(pair => (SymbolPair?)pair.Pair)
                .FirstOrDefault();
            if (best is not { } chosen) break;
            merges.Add(chosen);
            string spelling = spellings[chosen.Left] + spellings[chosen.Right];
            ushort id = spellings.ContainsValue(spelling) ? spellings.First(entry => entry.Value == spelling).Key : (ushort)spellings.Count;
            spellings[id] = spelling;
            foreach ((List<ushort> symbols, _) in words)
            {
                for (int i = 0; i + 1 < symbols.Count; i++)
                {
                    if (symbols[i] != chosen.Left || symbols[i + 1] != chosen.Right) continue;
                    symbols[i] = id;
                    symbols.RemoveAt(i + 1);
                }
            }
        }
        return merges;
    }
}

/// <summary>Counted words over a small alphabet, where ties and runs are common.</summary>
/// <param name="Value">Counts by word.</param>
public sealed record WordCounts(IReadOnlyDictionary<string, long> Value);

/// <summary>The generator behind <see cref="WordCounts"/>.</summary>
public static class WordCountsArbitrary
{
    /// <summary>Words of a, b, c and é with counts from 1 to 9.</summary>
    public static Arbitrary<WordCounts> WordCounts()
    {
        Gen<string> word = Gen.Elements("a", "b", "c", "é").ListOf().Select(string.Concat);
        Gen<(string, int)> counted = word.SelectMany(text => Gen.Choose(1, 9).Select(count => (text, count)));
        return Arb.From(counted.ListOf().Select(list => new WordCounts(list.DistinctBy(entry => entry.Item1).ToDictionary(entry => entry.Item1, entry => (long)entry.Item2))));
    }
}
