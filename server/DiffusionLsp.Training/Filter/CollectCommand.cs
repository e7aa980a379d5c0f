using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;
using Spectre.Console;

namespace DiffusionLsp.Training.Filter;

/// <summary>
/// The verb <c>filter collect</c>: cuts holes into files of the training split, as the evaluation does into held-out ones, and writes
/// their trajectories. Only training files, so that a filter never sees what it is evaluated on.
/// </summary>
internal static class CollectCommand
{
    private const string Oracle = "oracle", Reference = "reference";

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<string?> shards = ShardFolder.Option();
        Option<string> output = new("--output") { Required = true, Description = "Trajectory file to write (.jsonl.gz)." };
        Option<int?> cases = new("--cases") { Description = "Holes per language and task. Default: 150; quick: 3." };
        Option<bool> quick = new("--quick") { Description = "A look in about a minute; too little for a filter that is used." };
        Option<string[]> languages = Languages.Option();
        Option<string> reference = new("--reference") { DefaultValueFactory = _ => ReferenceDecodes.Autoregressive, Description = $"The slow decode: {string.Join(" or ", ReferenceDecodes.Names)}." };
        Option<string> drive = new("--drive") { DefaultValueFactory = _ => Oracle, Description = $"What chooses commits among the right proposals: {Oracle} (all), {Reference} (as few as the slow decode), or a decoder." };
        Option<int> context = new("--context") { DefaultValueFactory = _ => 512, Description = "Prompt tokens." };
        Option<int> workers = new("--workers") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Engines side by side." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 7, Description = "Chooses the holes." };
        var command = new Command("collect", "Writes what a model proposes, step by step, beside what slow decoding writes.")
            { model, shards, output, cases, languages, reference, drive, context, workers, seed, quick };
        KnobOptions knobs = new KnobOptions([DecodeKnobs.BlockLength, .. CommitPolicies.Rows.SelectMany(row => row.Knobs).Distinct()]).AddTo(command);
        command.SetAction(p => Run(new Request(p.GetValue(shards), p.GetValue(output)!, p.GetValue(cases) ?? (p.GetValue(quick) ? 3 : 150), p.GetValue(languages)!, knobs.Read(p, ReferenceDecodes.Alone), p.GetValue(reference)!,
            p.GetValue(drive)!, p.GetValue(workers), p.GetValue(seed),
            new EngineOptions { ModelFolder = p.GetValue(model), PromptTokens = p.GetValue(context), Device = "cpu", Threads = 1 })));
        return command;
    }

    /// <param name="Decode">The block length, and the knobs of the driving decoder.</param>
    internal sealed record Request(string? Shards, string Output, int Cases, IReadOnlyList<string> Languages, DecodeOptions Decode, string Reference, string Drive,
        int Workers, int Seed, EngineOptions Engine);

    internal static void Run(Request request)
    {
        DecodeOptions slow = ReferenceDecodes.Options(request.Reference, request.Decode.BlockLength);
        DecodeOptions drive = Drive(request);
        using var pool = new EnginePool(request.Engine, request.Workers);
        CodeTokenizer tokenizer = CodeTokenizer.Load(pool.Model.Folder);
        using ShardFolder shards = ShardFolder.Of(request.Shards, tokenizer);
        if (shards.Note is { } note) Terminal.Note(note);
        TrajectoryCollector[] collectors = [.. pool.Engines.Select(e => new TrajectoryCollector(e, slow, drive, request.Drive == Oracle))];
        var trajectories = new List<Trajectory>();
        Terminal.WithProgress(progress =>
        {
            foreach (string language in request.Languages)
            {
                using TokenShard shard = shards.Open($"{language}.train");
                var selector = new CaseSelector(shard, tokenizer, language);
                foreach (HoleKind kind in EvaluationTasks.All)
                {
                    IReadOnlyList<EvaluationCase> cases = selector.Select(kind, request.Cases, request.Seed);
                    ProgressTask bar = progress.AddTask($"{language}, {EvaluationTasks.Name(kind)}", maxValue: Math.Max(1, cases.Count));
                    trajectories.AddRange(pool.Map(cases, (worker, hole) => collectors[worker].Collect(hole), () => bar.Increment(1)));
                }
            }
        });
        TrajectoryFile.Write(request.Output, new TrajectoryHeader(TrajectoryHeader.CurrentFormat, ModelFingerprint.Of(pool.Model.Folder), request.Decode.BlockLength, request.Reference,
            request.Drive), trajectories);
        Terminal.Note($"{trajectories.Count} trajectories, {trajectories.Sum(t => t.Steps.Count)} steps, {trajectories.Sum(t => t.Reference.Length)} tokens in {request.Output}.");
    }

    private static DecodeOptions Drive(Request request)
    {
        if (request.Cases < 1) throw new EngineException($"--cases is {request.Cases}; it must be at least 1.");
        string decoder = request.Drive is Oracle or Reference ? "vanilla" : request.Drive;
        if (!CommitPolicies.Names.Contains(decoder)) throw new EngineException($"There is no drive '{decoder}'; use {Oracle}, {Reference} or one of {string.Join(", ", CommitPolicies.Names)}.");
        // As few as the autoregressive decode: only the leftmost (unless a confidence rounds to 1).
        if (request.Drive == Reference && request.Reference == ReferenceDecodes.Autoregressive) return (request.Decode with { Decoder = "anchored" }).With(CommitPolicies.Threshold, 1);
        return request.Decode with { Decoder = decoder };
    }
}
