using System.CommandLine;
using System.Diagnostics;
using System.Text;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using Spectre.Console;

namespace DiffusionLsp.Training.Tokenizer;

/// <summary>
/// The verb <c>tokenizer</c>: samples the corpus, trains byte-level BPE with <see cref="BpeTrainer"/>, and writes tokenizer.json.
/// </summary>
internal static class TokenizerCommand
{
    /// <summary>The verb with its options.</summary>
    public static Command Create()
    {
        Option<string> corpus = new("--corpus") { Required = true, Description = "Folder made by eng/corpus/fetch.sh." };
        Option<string> output = new("--output") { Required = true, Description = "Folder for tokenizer.json." };
        Option<int> vocabulary = new("--vocabulary") { DefaultValueFactory = _ => 8192, Description = "Size with bytes, merges and special tokens." };
        Option<double> megabytes = new("--megabytes-per-language") { DefaultValueFactory = _ => 40, Description = "Sample size per language." };
        Option<string[]> weight = new("--weight") { DefaultValueFactory = _ => [], Description = "LANGUAGE=FACTOR multiplies one language's sample size; may be repeated." };
        Command command = new("tokenizer", "Trains a tokenizer.") { corpus, output, vocabulary, megabytes, weight };
        command.SetAction(parsed => Run(
            parsed.GetValue(corpus)!, parsed.GetValue(output)!, parsed.GetValue(vocabulary), parsed.GetValue(megabytes), parsed.GetValue(weight)!));
        return command;
    }

    private static void Run(string corpus, string output, int vocabulary, double megabytes, string[] weights)
    {
        IReadOnlyList<string> languages = CorpusFolder.TrainingLanguages(corpus);
        Dictionary<string, double> factors = ParseWeights(weights, languages);
        PreTokenCounter total = new();
        BpeMerges? learned = null;
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan counted = default;
        Terminal.WithProgress(progress =>
        {
            ProgressTask counting = progress.AddTask("counting", maxValue: languages.Count);
            ProgressTask merging = progress.AddTask("merging", maxValue: vocabulary);
            Parallel.ForEach(languages, language =>
            {
                PreTokenCounter counter = Count(CorpusFolder.FileOf(corpus, "train", language), (long)(megabytes * 1e6 * factors[language]));
                lock (total) total.Add(counter);
                counting.Increment(1);
            });
            counted = clock.Elapsed;
            learned = BpeTrainer.Train(total.Counts, vocabulary - SpecialTokens.Contents.Count, size => merging.Value = size);
            merging.Value = vocabulary;
        });
        int size = learned!.Tokens.Count + SpecialTokens.Contents.Count;
        string path = TokenizerWriter.Write(output, learned);
        CodeTokenizer.Load(output); // verifies that the file is readable
        Terminal.Note($"{path}: {size} tokens from {total.Counts.Count} distinct pre-tokens; counting {counted.TotalSeconds:F1} s, merging {(clock.Elapsed - counted).TotalSeconds:F1} s.");
        if (size < vocabulary) Terminal.Note($"The sample has no more repeated pairs, so the vocabulary is {size}, not {vocabulary}; use a larger sample.");
    }

    /// <summary>Counts documents selected by hash, so that the sample covers all packages and is reproducible.</summary>
    private static PreTokenCounter Count(string file, long sampleBytes)
    {
        double rate = sampleBytes / Math.Max(1.0, CorpusFolder.UncompressedSize(file));
        PreTokenCounter counter = new();
        long taken = 0;
        foreach (CorpusDocument document in CorpusFolder.Read(file))
        {
            if (document.Hash() / (double)ulong.MaxValue >= rate) continue;
            counter.Add(document.Text);
            taken += Encoding.UTF8.GetByteCount(document.Text);
            if (taken >= sampleBytes) break;
        }
        return counter;
    }

    private static Dictionary<string, double> ParseWeights(string[] weights, IReadOnlyList<string> languages)
    {
        Dictionary<string, double> factors = languages.ToDictionary(language => language, _ => 1.0);
        foreach (string weight in weights)
        {
            if (weight.Split('=') is not [string language, string factor] || !factors.ContainsKey(language) || !double.TryParse(factor, out double value) || value < 0)
                throw new EngineException($"'{weight}' is not a weight; write LANGUAGE=FACTOR with a language of {string.Join(", ", languages)}.");
            factors[language] = value;
        }
        return factors;
    }
}
