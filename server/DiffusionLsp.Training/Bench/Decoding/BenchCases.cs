using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// The held-out cases of the decoding benchmark. Languages and tasks alternate, so that the first cases, on which every method is timed,
/// cover all kinds. It knows no method.
/// </summary>
internal static class BenchCases
{
    /// <param name="count">Total number; fewer if the shards contain no more.</param>
    /// <exception cref="EngineException">A shard is missing or belongs to another tokenizer.</exception>
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

    /// <summary>An identifier that does not depend on the number of cases.</summary>
    public static string Key(EvaluationCase hole) => $"{hole.Language}/{hole.Hole.Kind}/{hole.Package}/{hole.Path}@{hole.Hole.Start}";
}
