using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Evaluate;
using DiffusionLsp.Training.Model;
using Spectre.Console;
using TorchSharp;

namespace DiffusionLsp.Training.NgramCache;

/// <summary>
/// The verb <c>ngram-cache</c>: fits how far a file's own earlier text is trusted beside the network, on holes in validation
/// files, by expectation maximisation of the mixture's likelihood. It decodes nothing.
/// </summary>
internal static class NgramCacheCommand
{
    public static Command Create()
    {
        Option<string> model = new("--model") { Required = true, Description = "Model folder; the weights are written there." };
        Option<string> shards = new("--shards") { Required = true, Description = "Folder made by the corpus verb." };
        Option<int> cases = new("--cases") { DefaultValueFactory = _ => 200, Description = "Holes per language and task." };
        Option<int> context = new("--context") { DefaultValueFactory = _ => 512, Description = "Prompt tokens." };
        Option<int> seed = new("--seed") { DefaultValueFactory = _ => 1, Description = "Chooses the holes." };
        var command = new Command("ngram-cache", "Fits the weights of the n-gram cache.") { model, shards, cases, context, seed };
        command.SetAction(p => Run(p.GetValue(model)!, p.GetValue(shards)!, p.GetValue(cases), p.GetValue(context), p.GetValue(seed)));
        return command;
    }

    private static void Run(string folder, string shards, int cases, int context, int seed)
    {
        NativeBackend.Load(null);
        using LoadedModel model = LoadedModel.Load(folder, "auto");
        var samples = new List<NgramCacheSample>();
        Terminal.WithProgress(progress =>
        {
            foreach (string language in Languages.All)
            {
                using TokenShard shard = TokenShard.Open(shards, $"{language}.validation");
                var selector = new CaseSelector(shard, model.Tokenizer, language);
                foreach (HoleKind kind in EvaluationTasks.All)
                {
                    ProgressTask bar = progress.AddTask($"{language}, {EvaluationTasks.Name(kind)}", maxValue: cases);
                    foreach (EvaluationCase hole in selector.Select(kind, cases, seed))
                    {
                        samples.AddRange(NgramCacheSamples.Of(hole, model, context));
                        bar.Increment(1);
                    }
                }
            }
        });
        var (weights, before, after) = NgramCacheFit.Fit(samples);
        string path = Path.Combine(folder, NgramCacheWeights.FileName);
        File.WriteAllText(path, JsonSerializer.Serialize(weights, JsonSerializerOptions.Web) + "\n");
        Console.Out.WriteLine(FormattableString.Invariant($"{samples.Count} tokens; nats per token: network {before:0.000}, with the n-gram cache {after:0.000}. Written to {path}."));
    }
}
