using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;
using Spectre.Console;

namespace DiffusionLsp.Training.Evaluate;

/// <summary>
/// The verb <c>evaluate</c>: completes holes in held-out packages with the engine and two controls, and writes a table. Choosing,
/// filling and judging holes is left to its neighbours.
/// </summary>
internal static class EvaluateCommand
{
    /// <summary>The format of reports, here and in the decoding benchmark; shares of nothing are NaN.</summary>
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<string?> shards = ShardFolder.Option();
        Option<int?> cases = new("--cases") { Description = "Cases per language and task. Default: 300; quick: 3." };
        Option<bool> quick = new("--quick") { Description = "A look in about a minute; no basis for claims." };
        Option<string[]> languages = Languages.Option();
        Option<string[]> tasks = new("--tasks") { AllowMultipleArgumentsPerToken = true, Description = $"Some of {string.Join(", ", EvaluationTasks.Completions.Select(EvaluationTasks.Name))}; with --refill of {string.Join(", ", EvaluationTasks.Refills.Select(EvaluationTasks.Name))}. Default: all." };
        Option<int> context = new("--context") { DefaultValueFactory = _ => 512, Description = "Prompt tokens." };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "auto", Description = "auto, cpu or cuda." };
        Option<int> workers = new("--workers") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Engines that complete cases side by side." };
        Option<int> threads = new("--threads") { DefaultValueFactory = _ => 1, Description = "CPU threads of each engine." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Chooses the cases." };
        Option<bool> refill = new("--refill") { Description = "Evaluate rewriting a selection: the model must find the end of the hole. Leaves out the control that is told the number of lines." };
        Option<string?> output = new("--output") { Description = "Write the table here (Markdown) instead of to stdout." };
        Option<string?> json = new("--json") { Description = "Write the rows here as JSON." };
        Option<string?> completions = new("--completions") { Description = "Write every case's completions here, one JSON object a line." };
        var command = new Command("evaluate", "Measures a model on held-out packages beside two controls.")
            { model, shards, cases, languages, tasks, context, device, workers, threads, seed, refill, output, json, completions, quick };
        KnobOptions knobs = KnobOptions.AsServed().AddTo(command);
        command.SetAction(p => Run(new Request(p.GetValue(shards), p.GetValue(languages)!, p.GetValue(cases) ?? (p.GetValue(quick) ? 3 : 300), p.GetValue(seed), p.GetValue(workers), p.GetValue(refill), TasksOf(p.GetValue(tasks)!, p.GetValue(refill)),
            new EngineOptions { ModelFolder = p.GetValue(model), PromptTokens = p.GetValue(context), Device = p.GetValue(device)!, Threads = p.GetValue(threads) },
            knobs.Read(p, new DecodeOptions()),
            p.GetValue(output), p.GetValue(json), p.GetValue(completions))));
        return command;
    }

    internal sealed record Request(string? Shards, IReadOnlyList<string> Languages, int Cases, int Seed, int Workers, bool Refill, IReadOnlyList<HoleKind> Tasks, EngineOptions Engine, DecodeOptions Decode,
        string? Output, string? Json, string? Completions);

    internal static void Run(Request request)
    {
        Check(request);
        var clock = Stopwatch.StartNew();
        InfillEngine[] engines = [.. Enumerable.Range(0, request.Workers).Select(_ => InfillEngine.Load(request.Engine))];
        ModelSummary model = engines[0].Model;
        CodeTokenizer tokenizer = CodeTokenizer.Load(model.Folder);
        ICompletionMethod[][] methods = [.. engines.Select(e => Methods(e, tokenizer, request.Decode, request.Refill))];
        using ShardFolder shards = ShardFolder.Of(request.Shards, tokenizer);
        using StreamWriter? completions = request.Completions is null ? null : new StreamWriter(request.Completions);
        var scores = new List<CaseScore>();
        Terminal.WithProgress(progress =>
        {
            foreach (string language in request.Languages)
            {
                using TokenShard shard = shards.Open($"{language}.eval");
                var selector = new CaseSelector(shard, tokenizer, language);
                foreach (HoleKind kind in request.Tasks)
                {
                    ProgressTask bar = progress.AddTask($"{language}, {EvaluationTasks.Name(kind)}", maxValue: request.Cases);
                    IReadOnlyList<EvaluationCase> cases = selector.Select(kind, request.Cases, request.Seed);
                    if (cases.Count < request.Cases) Terminal.Note($"{language}, {EvaluationTasks.Name(kind)}: only {cases.Count} cases in this shard.");
                    bar.MaxValue = cases.Count;
                    scores.AddRange(EvaluationRunner.Run(cases, methods, completions, () => bar.Increment(1)));
                }
            }
        });
        foreach (InfillEngine engine in engines) engine.Dispose();
        var report = new EvaluationReport(model.Name, model.Parameters, model.Device, model.Threads, request.Workers, Words(request.Decode, request.Refill),
            request.Engine.PromptTokens, request.Seed, clock.Elapsed.TotalMinutes, EvaluationRow.Of(scores), PairedGain.Of(scores, EvaluationTable.AsServed, EvaluationTable.FileOnly), shards.Note);
        Write(report, request);
    }

    private static IReadOnlyList<HoleKind> TasksOf(string[] names, bool refill)
    {
        IReadOnlyList<HoleKind> all = refill ? EvaluationTasks.Refills : EvaluationTasks.Completions;
        foreach (string name in names)
            if (all.All(kind => EvaluationTasks.Name(kind) != name)) throw new EngineException($"There is no task '{name}'; use {string.Join(", ", all.Select(EvaluationTasks.Name))}.");
        return names.Length == 0 ? all : [.. all.Where(kind => names.Contains(EvaluationTasks.Name(kind)))];
    }

    private static void Check(Request request)
    {
        if (request.Cases < 1) throw new EngineException($"--cases is {request.Cases}; it must be at least 1.");
        if (request.Workers is < 1 or > 64) throw new EngineException($"--workers is {request.Workers}; it must be 1 to 64.");
        Languages.Check(request.Languages);
    }

    private static ICompletionMethod[] Methods(InfillEngine engine, CodeTokenizer tokenizer, DecodeOptions decode, bool refill)
    {
        ModelConfig config = ModelConfig.Load(engine.Model.Folder);
        EngineMethod Method(string name, DecodeOptions options, bool workspace = false) => new(name, engine, tokenizer, options, workspace, refill);
        var methods = new List<ICompletionMethod> { Method(EvaluationTable.AsServed, decode, workspace: true) };
        if (decode.NgramCache && engine.UsesNgramCache) methods.Add(Method(EvaluationTable.FileOnly, decode));
        methods.Add(Method("network alone", decode with { NgramCache = false }));
        // Drafting produces the autoregressive output.
        if (config.IsCausallyReadable && decode.Decoder is not ("auto" or "draft"))
            methods.Add(Method("autoregressive", decode with { Decoder = "autoregressive", NgramCache = false }));
        if (!refill) methods.Add(new FileNgramMethod(tokenizer));
        return [.. methods];
    }

    private static string Words(DecodeOptions decode, bool refill) =>
        $"{(refill ? "refilling, " : "")}decoder {decode.Decoder}{string.Concat(Decoders.RowOf(decode).Knobs.Select(knob => $", {knob.Name} {knob.Kind.Json(decode.Get(knob))}"))}, blocks of {decode.BlockLength}";

    private static void Write(EvaluationReport report, Request request)
    {
        string table = EvaluationTable.Markdown(report);
        if (request.Output is { } output) File.WriteAllText(output, table);
        else Console.Out.Write(table);
        if (request.Json is { } json) File.WriteAllText(json, JsonSerializer.Serialize(report, Json) + "\n");
    }
}
