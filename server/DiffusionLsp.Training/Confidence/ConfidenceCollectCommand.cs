using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Filter;
using DiffusionLsp.Training.Model;
using Spectre.Console;

namespace DiffusionLsp.Training.Confidence;

/// <summary>
/// The verb <c>confidence collect</c>: completes holes as served and records the decode's signals for every token. For fitting it uses
/// the last quarter of the training split, which training on less than the whole corpus does not reach: a network is overconfident
/// on text that it was trained on.
/// </summary>
internal static class ConfidenceCollectCommand
{
    private const string Train = "train", Eval = "eval";

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<string?> shards = ShardFolder.Option();
        Option<string> split = new("--split") { DefaultValueFactory = _ => Train, Description = $"{Train}, to fit; {Eval}, the held-out packages, to evaluate." };
        Option<string> output = new("--output") { Required = true, Description = "File to write (.jsonl.gz)." };
        Option<int?> cases = new("--cases") { Description = "Holes per language and task. Default: 300; quick: 3." };
        Option<string[]> languages = Languages.Option();
        Option<bool> quick = new("--quick") { Description = "A look in about a minute; too little for a file that is used." };
        Option<int> workers = new("--workers") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Engines side by side." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Chooses the holes." };
        var command = new Command("collect", "Writes completions, what was known of their tokens, and what stood there.") { model, shards, split, output, cases, languages, quick, workers, seed };
        command.SetAction(p => Run(new Request(p.GetValue(shards), p.GetValue(split)!, p.GetValue(output)!, p.GetValue(cases) ?? (p.GetValue(quick) ? 3 : 300), p.GetValue(languages)!, p.GetValue(workers), p.GetValue(seed),
            new EngineOptions { ModelFolder = p.GetValue(model), Device = "cpu", Threads = 1 })));
        return command;
    }

    internal sealed record Request(string? Shards, string Split, string Output, int Cases, IReadOnlyList<string> Languages, int Workers, int Seed, EngineOptions Engine);

    internal static void Run(Request request)
    {
        if (request.Split is not (Train or Eval)) throw new EngineException($"There is no split '{request.Split}'; use {Train} or {Eval}.");
        if (request.Cases < 1) throw new EngineException($"--cases is {request.Cases}; it must be at least 1.");
        using var pool = new EnginePool(request.Engine, request.Workers);
        CodeTokenizer tokenizer = CodeTokenizer.Load(pool.Model.Folder);
        using ShardFolder shards = ShardFolder.Of(request.Shards, tokenizer);
        if (shards.Note is { } note) Terminal.Note(note);
        var found = new List<ConfidenceCase>();
        Terminal.WithProgress(progress =>
        {
            foreach (string language in request.Languages)
            {
                using TokenShard shard = shards.Open($"{language}.{request.Split}");
                var selector = new CaseSelector(shard, tokenizer, language, request.Split == Train && !shards.IsOwn ? shard.Count * 3 / 4 : 0);
                foreach (HoleKind kind in EvaluationTasks.Completions)
                {
                    IReadOnlyList<EvaluationCase> cases = selector.Select(kind, request.Cases, request.Seed);
                    ProgressTask bar = progress.AddTask($"{language}, {EvaluationTasks.Name(kind)}", maxValue: Math.Max(1, cases.Count));
                    found.AddRange(pool.Map(cases, (worker, hole) => Complete(pool.Engines[worker], tokenizer, hole), () => bar.Increment(1)));
                }
            }
        });
        ConfidenceCaseFile.Write(request.Output, new ConfidenceHeader(ConfidenceHeader.CurrentFormat, ModelFingerprint.Of(pool.Model.Folder), request.Split), found);
        Terminal.Note($"{found.Count} completions in {request.Output}.");
    }

    private static ConfidenceCase Complete(InfillEngine engine, CodeTokenizer tokenizer, EvaluationCase hole)
    {
        InfillResult result = engine.InfillAsync(hole.Request with { Workspace = hole.SingleLine ? hole.Neighbours!.IndexOf(hole) : null }, new DecodeOptions { Length = EvaluationTasks.MaxTokens(hole.Hole.Kind) }, CancellationToken.None).GetAwaiter().GetResult();
        string text = MethodStops.Cut(result.Completion, hole, tokenizer, EvaluationTasks.MaxLines(hole.Hole.Kind));
        int same = text.AsSpan().CommonPrefixLength(result.Completion);
        (IReadOnlyList<WrittenToken> tokens, CompletionPlace place) = result.Signals!.Value;
        return new ConfidenceCase(hole.Language, EvaluationTasks.Name(hole.Hole.Kind), hole.Package, hole.Truth, text[..same], [.. tokens.TakeWhile(t => t.End - t.Text.Length < same).Select(t => t with { End = Math.Min(t.End, same) })], place);
    }
}
