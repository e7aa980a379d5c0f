using System.CommandLine;
using System.Diagnostics;
using DiffusionLsp.Engine;
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
        Option<string?> corpus = new("--corpus") { Description = "Folder made by eng/corpus/fetch.sh." };
        Option<string?> packed = new("--packed") { Description = "Instead: folder made by corpus pack. Each part becomes shards of its own as soon as it is there; the model verb picks up those that arrive while it trains." };
        Option<double> wait = new("--wait-minutes") { Description = "How long to wait for each part that has not arrived." };
        Option<string> tokenizer = new("--tokenizer") { Required = true, Description = "Folder with tokenizer.json." };
        Option<string> output = new("--output") { Required = true, Description = "Folder for the shards." };
        Command command = new("corpus", "Turns the corpus into token shards.") { corpus, packed, wait, tokenizer, output, Pack() };
        command.SetAction(parsed => Run(new(parsed.GetValue(corpus), parsed.GetValue(packed), parsed.GetValue(wait), parsed.GetValue(tokenizer)!, parsed.GetValue(output)!)));
        return command;
    }

    private static Command Pack()
    {
        Option<string> corpus = new("--corpus") { Required = true, Description = "Folder made by eng/corpus/fetch.sh." };
        Option<string> output = new("--output") { Required = true, Description = "Folder for the parts and index.json." };
        Option<int> size = new("--part-mib") { DefaultValueFactory = _ => 60, Description = "Maximum size of a part in MiB." };
        Option<int> level = new("--level") { DefaultValueFactory = _ => 9, Description = "Level of xz, 0 to 9." };
        Command command = new("pack", "Packs the corpus's texts for a machine without network, with the program xz.") { corpus, output, size, level };
        command.SetAction(parsed =>
        {
            PackedIndex index = new CorpusPacker(Math.Max(1, parsed.GetValue(size)) * 1024L * 1024, Math.Clamp(parsed.GetValue(level), 0, 9)).Pack(parsed.GetValue(corpus)!, parsed.GetValue(output)!);
            Terminal.Note($"{index.Parts.Sum(p => p.Documents)} documents of {index.Packages.Count} packages, {index.Parts.Sum(p => p.TextBytes)} bytes, in {index.Parts.Count} parts of {index.Parts.Sum(p => p.Bytes)} bytes in all.");
        });
        return command;
    }

    internal sealed record Request(string? Corpus, string? Packed, double WaitMinutes, string Tokenizer, string Output);

    internal static void Run(Request request)
    {
        if (request.Corpus is null == request.Packed is null) throw new EngineException("Name one source of texts: --corpus FOLDER or --packed FOLDER.");
        CodeTokenizer tokenizer = CodeTokenizer.Load(request.Tokenizer);
        CorpusTokenizer.RequireShortIds(tokenizer, $"in '{request.Tokenizer}'");
        Stopwatch clock = Stopwatch.StartNew();
        var shards = new ShardFolderWriter(tokenizer, request.Output);
        if (request.Packed is { } packed) PackedShards.Write(packed, TimeSpan.FromMinutes(request.WaitMinutes), tokenizer, shards);
        else
            foreach (string language in CorpusFolder.TrainingLanguages(request.Corpus!))
                foreach (string source in new[] { "train", "eval" })
                    shards.Add(language, source, Tokenize(tokenizer, CorpusFolder.FileOf(request.Corpus!, source, language), language, source));
        Terminal.Note($"{request.Output}: {shards.Tokens} tokens in {clock.Elapsed.TotalSeconds:F0} s.");
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
}
