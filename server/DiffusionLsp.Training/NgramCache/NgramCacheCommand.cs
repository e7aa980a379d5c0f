using System.CommandLine;
using System.Text.Json;
using DiffusionLsp.Engine;
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
/// The verb <c>ngram-cache</c>: fits the weights of the n-gram cache over the open file and its neighbours relative to the network, on
/// holes in validation files, by expectation maximisation of the mixture's likelihood. Each hole is evaluated with and without
/// neighbours, since both occur. It decodes nothing.
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
        using LoadedModel model = LoadedModel.Load(folder, "auto", new LoadOptions { ThroughLibtorch = true });
        List<(string Package, NgramCacheSample Sample)> alone = [], together = [];
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
                        alone.AddRange(NgramCacheSamples.Of(hole, model, null, context).Select(s => (hole.Package, s)));
                        together.AddRange(NgramCacheSamples.Of(hole, model, hole.Neighbours!.IndexOf(hole), context).Select(s => (hole.Package, s)));
                        bar.Increment(1);
                    }
                }
            }
        });
        string path = Path.Combine(folder, NgramCacheWeights.FileName);
        File.WriteAllText(path, JsonSerializer.Serialize(NgramCacheFit.Fit([.. alone.Concat(together).Select(s => s.Sample)]), JsonSerializerOptions.Web) + "\n");
        var (network, file, workspace) = CrossValidated(alone, together);
        Console.Out.WriteLine(FormattableString.Invariant($"{together.Count} tokens; nats per token, fitted on other packages: network {network:0.000}, with the open file {file:0.000}, with the neighbours too {workspace:0.000}. Written to {path}."));
    }

    /// <summary>Each package's losses under weights fitted on the others.</summary>
    private static (double Network, double File, double Workspace) CrossValidated(List<(string Package, NgramCacheSample Sample)> alone, List<(string Package, NgramCacheSample Sample)> together)
    {
        double network = 0, file = 0, workspace = 0;
        foreach (string package in together.Select(s => s.Package).Distinct())
        {
            NgramCacheWeights weights = NgramCacheFit.Fit([.. alone.Concat(together).Where(s => s.Package != package).Select(s => s.Sample)]);
            NgramCacheSample[] Own(List<(string Package, NgramCacheSample Sample)> of) => [.. of.Where(s => s.Package == package).Select(s => s.Sample)];
            var (unmixed, one) = NgramCacheFit.Loss(Own(alone), weights);
            double share = Own(together).Length / (double)together.Count;
            network += share * unmixed;
            file += share * one;
            workspace += share * NgramCacheFit.Loss(Own(together), weights).Mixed;
        }
        return (network, file, workspace);
    }
}
