using System.CommandLine;
using System.Diagnostics;
using DiffusionLsp.Engine.Tokenization;
using Spectre.Console;

namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// The verb <c>corpus</c>: converts the fetched source files into token shards for training, validation and evaluation. It holds one
/// language in memory at a time.
/// </summary>
internal static class CorpusCommand
{
    /// <summary>The verb with its options.</summary>
    public static Command Create()
    {
        Option<string> corpus = new("--corpus") { Required = true, Description = "Folder made by eng/corpus/fetch.sh." };
        Option<string> tokenizer = new("--tokenizer") { Required = true, Description = "Folder with tokenizer.json." };
        Option<string> output = new("--output") { Required = true, Description = "Folder for the shards." };
        Command command = new("corpus", "Turns the corpus into token shards.") { corpus, tokenizer, output };
        command.SetAction(parsed => Run(parsed.GetValue(corpus)!, parsed.GetValue(tokenizer)!, parsed.GetValue(output)!));
        return command;
    }

    private static void Run(string corpus, string tokenizerFolder, string output)
    {
        CodeTokenizer tokenizer = CodeTokenizer.Load(tokenizerFolder);
        CorpusTokenizer.RequireShortIds(tokenizer, $"in '{tokenizerFolder}'");
        List<ShardSummary> shards = [];
        Dictionary<string, IReadOnlyDictionary<DropReason, int>> dropped = [];
        Stopwatch clock = Stopwatch.StartNew();
        foreach (string language in Languages.All)
        {
            foreach (string source in new[] { "train", "eval" })
            {
                CorpusPart part = Tokenize(tokenizer, CorpusFolder.FileOf(corpus, source, language), language, source);
                dropped[$"{language}.{source}"] = part.Dropped;
                foreach ((string split, IReadOnlyList<TokenDocument> documents) in Splits(language, source, part.Documents))
                {
                    TokenShardWriter.Write(output, $"{language}.{split}", documents, tokenizer.VocabularySize, tokenizer.Fingerprint);
                    shards.Add(ShardSummary.Of(language, split, documents));
                    Terminal.Note($"{language}.{split}: {documents.Count} documents, {shards[^1].Tokens} tokens, {shards[^1].BytesPerToken:F3} bytes per token");
                }
            }
        }
        new CorpusSummary(tokenizer.Fingerprint, tokenizer.VocabularySize, shards, dropped).Write(output);
        Terminal.Note($"{output}: {shards.Sum(shard => shard.Tokens)} tokens in {clock.Elapsed.TotalSeconds:F0} s.");
    }

    private static CorpusPart Tokenize(CodeTokenizer tokenizer, string file, string language, string source)
    {
        CorpusPart? part = null;
        Terminal.WithProgress(progress =>
        {
            ProgressTask task = progress.AddTask($"{language} {source}").IsIndeterminate();
            part = new CorpusTokenizer(tokenizer).Run(file, language, () => task.Increment(1));
        });
        return part!;
    }

    private static IEnumerable<(string, IReadOnlyList<TokenDocument>)> Splits(string language, string source, IReadOnlyList<TokenDocument> documents)
    {
        if (source != "train") return [(source, documents)];
        (List<TokenDocument> training, List<TokenDocument> validation) = ValidationSplit.Split(language, documents);
        return [("train", training), ("validation", validation)];
    }
}
