using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>
/// <c>bench decoding</c>: compares every decoding method with vanilla in one run and writes a table, the numbers and a plot. Selecting,
/// measuring and summarising cases is left to its neighbours.
/// </summary>
internal static class DecodingBench
{
    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<string?> verifier = new("--verifier") { Description = "Folder of the small autoregressive model that checks APD's drafts. Default: the model's with -ar appended." };
        Option<string?> shards = ShardFolder.Option();
        Option<string[]> languages = Languages.Option();
        Option<int?> cases = new("--cases") { Description = "Cases in all, spread over languages and tasks. Default: 240; quick: 6." };
        Option<int[]?> canvas = new("--canvas") { AllowMultipleArgumentsPerToken = true, Description = "Canvas lengths; 0: the completion setting. Default: 0 256 1024; quick: 0 64." };
        Option<string[]?> methods = new("--methods") { AllowMultipleArgumentsPerToken = true, Description = "Names or families of methods; vanilla is always among them. Default: all; quick: one per family." };
        Option<string?> sweep = new("--sweep") { Description = $"Measure one knob instead: {string.Join(", ", BenchSweeps.All.Select(s => s.Name))}." };
        Option<int?> timed = new("--timed") { Description = "Cases that methods without a cache are timed on at canvas 1024; up to four times as many at shorter ones. 0: no speeds, and every text comes from the exact cached path. Default: 12; quick: 1." };
        Option<int?> context = new("--context") { Description = "Prompt tokens in the completion setting. Default: 512; quick: 256." };
        Option<int?> canvasContext = new("--canvas-context") { Description = "Prompt tokens in the canvas settings. Default: 256; quick: 128." };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "auto", Description = "auto, cpu or cuda." };
        Option<int> threads = new("--threads") { Description = "CPU threads; 0: all cores." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Chooses the cases." };
        Option<string?> json = new("--json") { Description = "Write the numbers here. Results as they come are kept beside it, and a stopped run resumes from them." };
        Option<string?> plot = new("--plot") { Description = "Write the plot here (PNG)." };
        Option<bool> quick = new("--quick") { Description = "A look in about a minute; no basis for claims." };
        var command = new Command("decoding", "Ways of decoding against vanilla.")
            { model, verifier, shards, languages, cases, canvas, methods, sweep, timed, context, canvasContext, device, threads, seed, json, plot, quick };
        KnobOptions block = new KnobOptions(DecodeKnobs.BlockLength).AddTo(command);
        command.SetAction(p =>
        {
            bool brief = p.GetValue(quick);
            Run(new Request(p.GetValue(shards), p.GetValue(languages)!, p.GetValue(cases) ?? (brief ? 6 : 240), p.GetValue(seed),
                BenchSetting.Of(p.GetValue(canvas) is { Length: > 0 } given ? given : brief ? [0, 64] : [0, 256, 1024], block.Read(p, new DecodeOptions()).BlockLength, (p.GetValue(context) ?? (brief ? 256 : 512), p.GetValue(canvasContext) ?? (brief ? 128 : 256)), p.GetValue(timed) ?? (brief ? 1 : 12)),
                Chosen(p.GetValue(methods), p.GetValue(sweep), brief), Sweep(p.GetValue(sweep)),
                new EngineOptions { ModelFolder = p.GetValue(model), VerifierFolder = p.GetValue(verifier), Device = p.GetValue(device)!, Threads = p.GetValue(threads) },
                p.GetValue(json), p.GetValue(plot)));
        });
        return command;
    }

    internal sealed record Request(string? Shards, IReadOnlyList<string> Languages, int Cases, int Seed, IReadOnlyList<BenchSetting> Settings,
        IReadOnlyList<BenchMethod> Methods, BenchSweep? Sweep, EngineOptions Engine, string? Json, string? Plot);

    internal static void Run(Request request)
    {
        Check(request);
        (ModelSummary model, IReadOnlyList<BenchMethod> methods) = Able(request);
        ModelConfig config = ModelConfig.Load(model.Folder);
        bool isExact = config.Attention is AttentionKind.BlockCausal; // the cache
        if (isExact) methods = [.. methods.Where(m => !m.IsForBidirectional)];
        CheckLength(request, config);
        CodeTokenizer tokenizer = CodeTokenizer.Load(model.Folder);
        using ShardFolder shards = ShardFolder.Of(request.Shards, tokenizer);
        IReadOnlyList<EvaluationCase> cases = BenchCases.Select(shards, request.Languages, tokenizer, request.Cases, request.Seed);
        if (cases.Count < request.Cases) Terminal.Note($"These shards hold only {cases.Count} cases.");
        var identity = new RunIdentity(model.Name, WeightsHash.Of(model.Folder), tokenizer.Fingerprint, model.Device, model.DataType, model.Threads, request.Seed, RunIdentity.ThisEngine);
        using var results = new PartialResults(request.Json is null ? null : Path.ChangeExtension(request.Json, ".partial.jsonl"), identity);
        if (results.Count > 0) Terminal.Note($"{results.Count} results are there already; the run goes on from them.");
        BenchProgress.Show(report => new DecodingRun(request.Engine, tokenizer, isExact, results, report)
            .Measure(request.Settings, cases, methods));
        var summary = new DecodingSummary(cases, methods, results);
        Write(request, new DecodingReport(model.Name, model.Parameters, model.Device, model.DataType, model.Threads, cases.Count, request.Seed, results.Sitting,
            DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), [.. request.Settings.Select(summary.Of)], shards.Note, ModelFingerprint.Of(model.Folder)));
    }

    /// <summary>The model, and the methods it supports: some need a filter file, or a model that can be read causally.</summary>
    private static (ModelSummary, IReadOnlyList<BenchMethod>) Able(Request request)
    {
        using InfillEngine engine = InfillEngine.Load(request.Engine);
        var able = new List<BenchMethod>();
        foreach (BenchMethod method in request.Methods)
            try
            {
                engine.InfillAsync(new InfillRequest { Prefix = "a = " }, method.Options with { Length = 1, BlockLength = request.Settings[0].Block }, CancellationToken.None).GetAwaiter().GetResult();
                able.Add(method);
            }
            catch (EngineException e)
            {
                Terminal.Note($"{method.Name} is left out: {e.Message}");
            }
        return able.Contains(BenchMethods.Vanilla) ? (engine.Model, able) : throw new EngineException("The model cannot be decoded by the vanilla baseline, so there is nothing to compare with.");
    }

    /// <summary>Vanilla with and without a cache, then the requested methods.</summary>
    private static IReadOnlyList<BenchMethod> Chosen(string[]? names, string? sweep, bool quick)
    {
        if (Sweep(sweep) is { } swept) return [BenchMethods.Vanilla, BenchMethods.VanillaCached, .. swept.Points.Select(p => p.Method)];
        if (names is not { Length: > 0 }) return quick ? BenchMethods.Quick : BenchMethods.All;
        if (names.FirstOrDefault(name => !BenchMethods.All.Any(m => m.Name == name || m.Family == name)) is { } unknown)
            throw new EngineException($"There is no method '{unknown}'; use names or families of: {string.Join("; ", BenchMethods.All.Select(m => m.Name))}.");
        return [.. BenchMethods.All.Where(m => m == BenchMethods.Vanilla || m == BenchMethods.VanillaCached || names.Contains(m.Name) || names.Contains(m.Family))];
    }

    private static BenchSweep? Sweep(string? name) => name is null ? null : BenchSweeps.All.FirstOrDefault(s => s.Name == name)
        ?? throw new EngineException($"There is no sweep '{name}'; use one of {string.Join(", ", BenchSweeps.All.Select(s => s.Name))}.");

    private static void Check(Request request)
    {
        if (request.Cases < 1) throw new EngineException($"--cases is {request.Cases}; it must be at least 1.");
        if (request.Settings.Any(s => s.Timed < 0)) throw new EngineException("--timed must be at least 0.");
        Languages.Check(request.Languages);
        foreach (BenchSetting setting in request.Settings)
            if (setting.Canvas is < 1 or > 4096) throw new EngineException($"--canvas is {setting.Canvas}; it must be 0 (the completion setting) to 4096.");
    }

    private static void CheckLength(Request request, ModelConfig config)
    {
        foreach (BenchSetting setting in request.Settings)
            if (setting.ContextTokens + setting.MostTokens > config.MaxPositions)
                throw new EngineException($"A prompt of {setting.ContextTokens} tokens and a canvas of {setting.MostTokens} exceed the model's {config.MaxPositions} positions; lower --context, --canvas-context or --canvas.");
    }

    private static void Write(Request request, DecodingReport report)
    {
        Console.Out.Write(DecodingTable.Markdown(report));
        if (request.Json is { } json) File.WriteAllText(json, JsonSerializer.Serialize(report, EvaluateCommand.Json) + "\n");
        if (request.Plot is not { } plot) return;
        if (request.Sweep is { } sweep) SweepPlot.Save(sweep, report, plot);
        else DecodingPlot.Save(report, plot);
    }
}
