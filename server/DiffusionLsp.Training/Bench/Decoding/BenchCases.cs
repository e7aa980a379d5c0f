using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// The held-out cases of the decoding benchmark: languages and tasks take turns, so that the first cases, the ones that
/// everything is timed on, are of every kind. It knows no method.
/// </summary>
internal static class BenchCases
{
    /// <param name="count">How many in all; fewer when the shards hold no more.</param>
    /// <exception cref="EngineException">A shard is missing or of another tokenizer.</exception>
    public static IReadOnlyList<EvaluationCase> Select(ShardFolder shards, IReadOnlyList<string> languages, CodeTokenizer tokenizer, int count, int seed)
    {
        int groups = languages.Count * EvaluationTasks.All.Count, each = (count + groups - 1) / groups;
        var lists = new List<IReadOnlyList<EvaluationCase>>();
        foreach (HoleKind kind in EvaluationTasks.All)
            foreach (string language in languages)
            {
                using TokenShard shard = shards.Open($"{language}.eval");
                lists.Add(new CaseSelector(shard, tokenizer, language).Select(kind, each, seed));
            }
        return [.. Enumerable.Range(0, each).SelectMany(turn => lists.Where(l => turn < l.Count).Select(l => l[turn])).Take(count)];
    }

    /// <summary>A name that does not depend on how many cases there are.</summary>
    public static string Key(EvaluationCase hole) => $"{hole.Language}/{hole.Hole.Kind}/{hole.Package}/{hole.Path}@{hole.Hole.Start}";
}
