using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// The shards of a run: <c>LANGUAGE.train</c>, and <c>LANGUAGE.train-002</c> and so on, which may arrive while it trains. What a row is follows from the record of which
/// shards were in use, so a resumed run goes on exactly. It knows no steps of training.
/// </summary>
internal sealed class TrainingShards(TrainingOptions options, CodeTokenizer tokenizer, string folder) : IDisposable
{
    private readonly Dictionary<string, TokenShard> open = new(StringComparer.Ordinal);

    /// <summary>Languages with a weight.</summary>
    public string[] Languages { get; } = [.. options.Languages.Where(l => l.Value > 0).Select(l => l.Key)];

    /// <summary>One shard for each language.</summary>
    /// <exception cref="EngineException">One is missing, damaged, or was made with another tokenizer.</exception>
    public List<TokenShard> Of(string split) => [.. Languages.Select(l => Open($"{l}.{split}"))];

    /// <summary>All training shards that are there, from the first step on.</summary>
    public ShardUse All() => new(0, Names().ToDictionary(name => name, _ => 0L));

    /// <summary>The first shard of each language from the first step on, as older runs used them.</summary>
    public ShardUse First() => new(0, Languages.ToDictionary(l => $"{l}.train", _ => 0L));

    /// <summary>What to use from a step on, if more shards have arrived; null: none have.</summary>
    public ShardUse? Newer(ShardUse now, RowSource source, long step)
    {
        List<string> names = [.. Names()], before = [.. now.Windows.Keys];
        return names.All(before.Contains) ? null
            : new ShardUse(step, names.ToDictionary(name => name, name => before.IndexOf(name) is var at and >= 0 ? source.WindowsBefore(step * options.BatchRows, at) : 0L));
    }

    /// <summary>The rows; a language's shards share its weight by their tokens.</summary>
    public RowSource Source(ShardUse use)
    {
        List<TokenShard> shards = [.. use.Windows.Keys.Select(Open)];
        double Weight(TokenShard shard)
        {
            string language = shard.Name.Split('.')[0];
            long all = shards.Where(s => s.Name.Split('.')[0] == language).Sum(s => s.TokenCount);
            return options.Languages[language] * (all == 0 ? 1 : shard.TokenCount / (double)all);
        }
        return new RowSource(options, tokenizer, shards, [.. shards.Select(Weight)], new RowStart(use.Step * options.BatchRows, [.. use.Windows.Values]));
    }

    private IEnumerable<string> Names()
    {
        foreach (string language in Languages)
        {
            yield return $"{language}.train";
            foreach (string path in Directory.EnumerateFiles(folder, $"{language}.train-*.index").Order(StringComparer.Ordinal)) yield return Path.GetFileNameWithoutExtension(path);
        }
    }

    private TokenShard Open(string name)
    {
        if (open.TryGetValue(name, out TokenShard? known)) return known;
        TokenShard shard = open[name] = TokenShard.Open(folder, name);
        return shard.TokenizerFingerprint == tokenizer.Fingerprint ? shard
            : throw new EngineException($"The shard '{shard.Name}' was made with another tokenizer; make the shards again with the corpus verb.");
    }

    public void Dispose()
    {
        foreach (TokenShard shard in open.Values) shard.Dispose();
    }
}
