using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using Spectre.Console;

namespace DiffusionLsp.Training.Bench;

/// <summary>
/// <c>bench keystroke</c>: a single-line completion after every typed character, with and without the K/V cache of the previous
/// keystroke. It does not judge the completions, except that all variants must produce the same text.
/// </summary>
/// <remarks>
/// Warm: the cache holds the previous keystroke. Cold: a first request, whose prompt is processed once and then cached. No cache:
/// every step processes the prompt again, as a model without a cache must.
/// </remarks>
internal static class KeystrokeBench
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static Command Create()
    {
        Option<string?> model = new("--model") { Description = "Model folder. Default: the embedded model." };
        Option<int> context = new("--context") { DefaultValueFactory = _ => 512, Description = "Prompt tokens." };
        Option<int> threads = new("--threads") { Description = "CPU threads; 0: all cores." };
        Option<string?> json = new("--json") { Description = "Write the numbers here." };
        Option<bool> quick = new("--quick") { Description = "Twelve keystrokes per file instead of forty." };
        var command = new Command("keystroke", "Latency while somebody types.") { model, context, threads, json, quick };
        KnobOptions knobs = KnobOptions.AsServed().AddTo(command);
        command.SetAction(p => Run(new EngineOptions { ModelFolder = p.GetValue(model), PromptTokens = p.GetValue(context), Threads = p.GetValue(threads), Device = "cpu" },
            knobs.Read(p, new DecodeOptions()),
            p.GetValue(quick) ? 12 : 40, p.GetValue(json)));
        return command;
    }

    private static int Run(EngineOptions options, DecodeOptions decode, int mostKeystrokes, string? json)
    {
        KeystrokeReport? report = null;
        Terminal.WithProgress(progress => report = Measure(options, decode, mostKeystrokes, TypingSample.All, progress));
        Console.Out.Write(report!.Table());
        if (json is not null) File.WriteAllText(json, JsonSerializer.Serialize(report, Json) + "\n");
        return report.Different == 0 ? 0 : 1;
    }

    private static KeystrokeReport Measure(EngineOptions options, DecodeOptions decode, int mostKeystrokes, IReadOnlyList<TypingSample> samples, ProgressContext progress)
    {
        // Two engines, so that emptying the cache for one variant leaves the other's warm.
        using InfillEngine typing = InfillEngine.Load(options), fresh = InfillEngine.Load(options);
        var ways = new (string Name, Func<InfillRequest, InfillResult> Complete)[]
        {
            ("warm", request => Complete(typing, request, decode)),
            ("cold", request => { fresh.ForgetAsync().GetAwaiter().GetResult(); return Complete(fresh, request, decode); }),
            ("no cache", request => Complete(fresh, request, decode with { Cache = CacheKind.None })),
        };
        var keystrokes = new List<InfillResult[]>();
        foreach (TypingSample sample in samples)
        {
            string[] prefixes = [.. sample.Prefixes.Take(mostKeystrokes)];
            ProgressTask bar = progress.AddTask(sample.Path, maxValue: prefixes.Length);
            InfillRequest Request(string prefix) => new() { Prefix = prefix, Suffix = sample.After, Path = sample.Path, SingleLine = true };
            foreach (var way in ways) way.Complete(Request(sample.Before)); // the file was already open
            foreach (string prefix in prefixes)
            {
                var results = new InfillResult[ways.Length];
                // All variants of a keystroke run one after another, each first in turn, so that load on the machine affects all alike.
                for (int turn = 0; turn < ways.Length; turn++)
                {
                    int which = (keystrokes.Count + turn) % ways.Length;
                    results[which] = ways[which].Complete(Request(prefix));
                }
                keystrokes.Add(results);
                bar.Increment(1);
            }
        }
        return KeystrokeReport.Of(typing.Model, options.PromptTokens, [.. ways.Select(w => w.Name)], keystrokes);
    }

    private static InfillResult Complete(InfillEngine engine, InfillRequest request, DecodeOptions decode) =>
        engine.InfillAsync(request, decode, CancellationToken.None).GetAwaiter().GetResult();
}
