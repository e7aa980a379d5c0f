using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using Spectre.Console;

namespace DiffusionLsp.Training.Filter;

/// <summary>The verb <c>filter evaluate</c>: filters, controls and the oracle on the same held-out cases.</summary>
internal static class FilterEvaluateCommand
{
    /// <param name="name">Name of the verb; it is also offered under another name elsewhere.</param>
    public static Command Create(string name = "evaluate")
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<string?> shards = ShardFolder.Option();
        Option<int?> cases = new("--cases") { Description = "Cases per language and task. Default: 50; quick: 2." };
        Option<bool> quick = new("--quick") { Description = "A look in about a minute; no basis for claims." };
        Option<string[]> languages = Languages.Option();
        Option<string> reference = new("--reference") { DefaultValueFactory = _ => ReferenceDecodes.Autoregressive, Description = $"The slow decode: {string.Join(" or ", ReferenceDecodes.Names)}." };
        Option<double[]> taus = new("--tau") { DefaultValueFactory = _ => [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99], AllowMultipleArgumentsPerToken = true, Description = "τ of the filters." };
        Option<string[]> filters = new("--filter") { DefaultValueFactory = _ => ["learn2pd", "filter"], AllowMultipleArgumentsPerToken = true, Description = "Filters: learn2pd or filter, the model's own, or decoder=FILE." };
        Option<string[]> controls = new("--controls") { DefaultValueFactory = _ => [.. FilterSweep.Controls], AllowMultipleArgumentsPerToken = true, Description = "Controls beside them." };
        Option<int> context = new("--context") { DefaultValueFactory = _ => 512, Description = "Prompt tokens." };
        Option<int> workers = new("--workers") { DefaultValueFactory = _ => Environment.ProcessorCount, Description = "Engines side by side." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Chooses the cases." };
        Option<string?> output = new("--output") { Description = "Write the table here (Markdown) instead of to stdout." };
        var command = new Command(name, "Measures filters beside the controls and the oracle on held-out cases.")
            { model, shards, cases, languages, reference, taus, filters, controls, context, workers, seed, output, quick };
        KnobOptions block = new KnobOptions(DecodeKnobs.BlockLength).AddTo(command);
        command.SetAction(p => Run(new Request(p.GetValue(shards), p.GetValue(cases) ?? (p.GetValue(quick) ? 2 : 50), p.GetValue(languages)!, block.Read(p, new DecodeOptions()).BlockLength, p.GetValue(reference)!, p.GetValue(taus)!,
            p.GetValue(filters)!, p.GetValue(controls)!, p.GetValue(workers), p.GetValue(seed), p.GetValue(output),
            new EngineOptions { ModelFolder = p.GetValue(model), PromptTokens = p.GetValue(context), Device = "cpu", Threads = 1 })));
        return command;
    }

    internal sealed record Request(string? Shards, int Cases, IReadOnlyList<string> Languages, int BlockLength, string Reference, IReadOnlyList<double> Taus, IReadOnlyList<string> Filters,
        IReadOnlyList<string> Controls, int Workers, int Seed, string? Output, EngineOptions Engine);

    internal static void Run(Request request)
    {
        if (request.Cases < 1) throw new EngineException($"--cases is {request.Cases}; it must be at least 1.");
        foreach (double tau in request.Taus)
            if (!CommitPolicies.FilterThreshold.Kind.Holds(tau)) throw new EngineException(CommitPolicies.FilterThreshold.Kind.Refusal("--tau", $"'{tau}'") + ".");
        DecodeOptions slow = ReferenceDecodes.Options(request.Reference, request.BlockLength);
        IReadOnlyList<SweepPoint> sweep = FilterSweep.Of(slow with { BlockLength = request.BlockLength }, request.Controls, request.Taus, [.. request.Filters.Select(Filter)]);
        using var pool = new EnginePool(request.Engine, request.Workers);
        CodeTokenizer tokenizer = CodeTokenizer.Load(pool.Model.Folder);
        using ShardFolder shards = ShardFolder.Of(request.Shards, tokenizer);
        var outcomes = new List<CaseOutcome[]>();
        Terminal.WithProgress(progress =>
        {
            foreach (string language in request.Languages)
            {
                using TokenShard shard = shards.Open($"{language}.eval");
                var selector = new CaseSelector(shard, tokenizer, language);
                foreach (Model.HoleKind kind in EvaluationTasks.All)
                {
                    IReadOnlyList<EvaluationCase> cases = selector.Select(kind, request.Cases, request.Seed);
                    ProgressTask bar = progress.AddTask($"{language}, {EvaluationTasks.Name(kind)}", maxValue: Math.Max(1, cases.Count));
                    outcomes.AddRange(pool.Map(cases, (worker, hole) => Outcomes(pool.Engines[worker], hole, slow, sweep), () => bar.Increment(1)));
                }
            }
        });
        string table = $"{outcomes.Count} cases, blocks of {request.BlockLength}, reference {request.Reference}.\n\n" + (shards.Note is { } note ? note + "\n\n" : "") + FilterTable.Markdown(Results(slow, sweep, outcomes));
        if (request.Output is { } output) File.WriteAllText(output, table);
        else Console.Out.Write(table);
    }

    private static (string, string?) Filter(string text)
    {
        string[] parts = text.Split('=', 2);
        if (!FilterSweep.Filters.Contains(parts[0])) throw new EngineException($"'{text}' names no filter; use {string.Join(" or ", FilterSweep.Filters)}, alone or with =FILE.");
        return (parts[0], parts.Length == 2 ? parts[1] : null);
    }

    /// <summary>The slow decode first, then every point of the sweep.</summary>
    private static CaseOutcome[] Outcomes(InfillEngine engine, EvaluationCase hole, DecodeOptions slow, IReadOnlyList<SweepPoint> sweep)
    {
        using var memo = new MemoScorer();
        int[] reference = TrajectoryCollector.Reference(engine, hole, slow);
        string text = TrajectoryCollector.Fill(engine, hole, slow, new DecodeWatch(null, null, memo.Over)).Completion;
        CaseOutcome Outcome(SweepPoint point)
        {
            int before = memo.Forwards;
            InfillResult result = TrajectoryCollector.Fill(engine, hole, point.Options, new DecodeWatch(null, point.Family == FilterSweep.Oracle ? (_, _) => CommitPolicies.Oracle(reference) : null, memo.Over));
            return new CaseOutcome(memo.Forwards - before, result.Tokens, result.Completion == text, CompletionMetrics.Exact(result.Completion, hole.Truth), CompletionMetrics.Similarity(result.Completion, hole.Truth));
        }
        return [Outcome(new SweepPoint("", "", slow)), .. sweep.Select(Outcome)];
    }

    private static FilterResult[] Results(DecodeOptions slow, IReadOnlyList<SweepPoint> sweep, List<CaseOutcome[]> outcomes) =>
        [.. sweep.Prepend(new SweepPoint("reference", "", slow)).Select((point, i) =>
        {
            CaseOutcome[] column = [.. outcomes.Select(o => o[i])];
            return new FilterResult(point.Family, point.Knob, column.Average(c => c.Forwards), column.Sum(c => c.Tokens) / (double)column.Sum(c => c.Forwards),
                100 * column.Average(c => c.Reference ? 1.0 : 0), 100 * column.Average(c => c.Truth ? 1.0 : 0), column.Average(c => c.Similarity));
        })];

    private readonly record struct CaseOutcome(int Forwards, int Tokens, bool Reference, bool Truth, double Similarity);
}
