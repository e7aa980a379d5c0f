using System.CommandLine;
using System.Diagnostics;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Native;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// The verb <c>model</c>: trains from options and shards into a run folder, resumes from the last checkpoint, and exports the weights.
/// <see cref="Trainer"/> performs the steps.
/// </summary>
internal static class ModelCommand
{
    private const int ReportSteps = 20;

    public static Command Create()
    {
        Option<string> options = new("--options") { Required = true, Description = "Training options (JSON)." };
        Option<string> shards = new("--shards") { Required = true, Description = "Folder made by the corpus verb." };
        Option<string> tokenizer = new("--tokenizer") { Required = true, Description = "Folder with tokenizer.json." };
        Option<string> run = new("--run") { Required = true, Description = "Run folder: checkpoints, metrics, loss plot. An interrupted run resumes from its last checkpoint." };
        Option<string?> from = new("--from") { Description = "Start a new run from the weights in this folder." };
        Option<string?> output = new("--output") { Description = "When the run ends, write config.json, model.safetensors (bfloat16) and tokenizer.json here." };
        Option<string> device = new("--device") { DefaultValueFactory = _ => "cpu", Description = "cpu or cuda." };
        Option<double> minutes = new("--checkpoint-minutes") { DefaultValueFactory = _ => 3, Description = "Minutes between checkpoints." };
        Option<double> limit = new("--minutes") { DefaultValueFactory = _ => double.PositiveInfinity, Description = "Write a checkpoint and stop after this many minutes." };
        Option<double> decay = new("--decay-minutes") { DefaultValueFactory = _ => double.PositiveInfinity, Description = "Begin the decay of the learning rate after this many minutes, if the options do not begin it earlier. A file named decay in the run folder does so at once." };
        var command = new Command("model", "Trains the embedded model.") { options, shards, tokenizer, run, from, output, device, minutes, limit, decay };
        command.SetAction(p => Run(new Request(p.GetValue(options)!, p.GetValue(shards)!, p.GetValue(tokenizer)!, p.GetValue(run)!, p.GetValue(from),
            p.GetValue(output), p.GetValue(device)!, p.GetValue(minutes), p.GetValue(limit)) { DecayMinutes = p.GetValue(decay) }));
        return command;
    }

    internal sealed record Request(string Options, string Shards, string Tokenizer, string Run, string? From, string? Output, string Device,
        double CheckpointMinutes, double Minutes)
    {
        public double DecayMinutes { get; init; } = double.PositiveInfinity;
    }

    internal static void Run(Request request)
    {
        NativeBackend.Load();
        LibtorchThreads.Set(1); // parallelism comes from the workers
        TrainingOptions options = TrainingOptions.Load(request.Options);
        CodeTokenizer tokenizer = CodeTokenizer.Load(request.Tokenizer);
        if (tokenizer.VocabularySize != options.Model.VocabularySize)
            throw new EngineException($"The tokenizer has {tokenizer.VocabularySize} entries and the model's vocab_size is {options.Model.VocabularySize}; make them equal.");
        using var shards = new TrainingShards(options, tokenizer, request.Shards);
        var folder = new RunFolder(request.Run);
        List<TokenShard> validation = shards.Of("validation");
        ShardUse use = Use(shards, folder);
        using var trainer = new Trainer(options, shards.Source(use), tokenizer.Special, request.Device == "cuda" ? CUDA : CPU);
        Start(trainer, folder, request, options);
        var feed = new ShardFeed(shards, folder, use);
        Loop(trainer, folder, new Validator(options, tokenizer, shards.Languages, validation), feed, (options, request));
        if (request.Output is { } output) Export(trainer, options, request.Tokenizer, output);
    }

    /// <summary>The shards that the run used at its last checkpoint; all that are there for a new run.</summary>
    private static ShardUse Use(TrainingShards shards, RunFolder folder)
    {
        if (folder.Latest() is not { } latest) folder.WriteShards([shards.All()]);
        else folder.WriteShards(folder.Shards() is { Count: > 0 } known ? known.Where(u => u.Step <= latest.Step) : [shards.First()]);
        return folder.Shards()[^1];
    }

    /// <summary>Takes in shards that arrive during the run, at its checkpoints.</summary>
    private sealed class ShardFeed(TrainingShards shards, RunFolder folder, ShardUse use)
    {
        private RowSource source = shards.Source(use);

        public void Refresh(Trainer trainer)
        {
            if (shards.Newer(use, source, trainer.Step) is not { } newer) return;
            folder.WriteShards([.. folder.Shards().Where(u => u.Step < trainer.Step), newer]);
            Terminal.Note($"From step {trainer.Step} on {newer.Windows.Count} shards, {newer.Windows.Count - use.Windows.Count} of them new.");
            (use, source) = (newer, shards.Source(newer));
            trainer.UseRows(source);
        }
    }

    private static void Start(Trainer trainer, RunFolder folder, Request request, TrainingOptions options)
    {
        if (folder.Latest() is { } latest)
        {
            RunFolder.Restore(latest.Folder, trainer.Parameters, trainer.Optimizer.State);
            trainer.Step = latest.Step;
            Terminal.Note($"Resumed at step {latest.Step}.");
        }
        else if (request.From is { } from) RunFolder.Restore(from, trainer.Parameters, moments: null);
        if (folder.DecayStep is { } decay) trainer.DecayFrom(decay);
        Directory.CreateDirectory(request.Run);
        File.WriteAllText(folder.OptionsPath, options.ToJson());
    }

    private static void Loop(Trainer trainer, RunFolder folder, Validator validator, ShardFeed feed, (TrainingOptions Options, Request Request) run)
    {
        (TrainingOptions options, Request request) = run;
        Stopwatch total = Stopwatch.StartNew(), sinceReport = Stopwatch.StartNew(), sinceCheckpoint = Stopwatch.StartNew();
        int steps = 0;
        Terminal.WithProgress(progress =>
        {
            ProgressTask bar = progress.AddTask("training", maxValue: trainer.EndStep);
            bar.Value = trainer.Step;
            while (trainer.Step < trainer.EndStep && total.Elapsed.TotalMinutes < request.Minutes)
            {
                if (BeginsDecay(trainer, folder, options, total.Elapsed.TotalMinutes >= request.DecayMinutes)) bar.MaxValue = trainer.EndStep;
                if (trainer.Step == trainer.EndStep) break; // a decay of no steps
                trainer.RunStep();
                steps++;
                bar.Increment(1);
                bool last = trainer.Step == trainer.EndStep, checkpoint = last || sinceCheckpoint.Elapsed.TotalMinutes >= request.CheckpointMinutes;
                if (trainer.Step % ReportSteps != 0 && !checkpoint) continue;
                var (losses, norm) = trainer.Report(); // first, because it waits for the steps
                double rate = steps * trainer.TokensPerStep / sinceReport.Elapsed.TotalSeconds;
                var metrics = new TrainingMetrics(trainer.Step, trainer.Step * trainer.TokensPerStep, losses.Autoregressive, losses.Diffusion, rate,
                    options.Schedule(trainer.Step - 1, trainer.EndStep), norm, checkpoint ? validator.Measure(trainer.Layout, trainer.FlatParameters) : null);
                folder.Append(metrics);
                bar.Description = $"loss {metrics.Autoregressive:F3} / {metrics.Diffusion:F3}, {rate:F0} tokens/s, {Left(trainer, rate)} left";
                if (checkpoint)
                {
                    folder.Save(trainer.Step, trainer.Parameters, trainer.Optimizer.State);
                    LossPlot.Save(folder.Metrics(), folder.PlotPath);
                    if (!last) feed.Refresh(trainer);
                    sinceCheckpoint.Restart();
                }
                steps = 0;
                sinceReport.Restart();
            }
        });
        if (folder.Latest()?.Step != trainer.Step) folder.Save(trainer.Step, trainer.Parameters, trainer.Optimizer.State);
        Terminal.Note($"Stopped at step {trainer.Step} of {trainer.EndStep}.");
    }

    /// <summary>Begins the decay if it is time or asked for, and keeps the last checkpoint before it, asked for or not.</summary>
    /// <returns>Whether it begins earlier than the options say.</returns>
    private static bool BeginsDecay(Trainer trainer, RunFolder folder, TrainingOptions options, bool isTime)
    {
        long end = trainer.EndStep;
        if ((isTime || folder.WantsDecay) && folder.DecayStep is null && trainer.Step < end - options.DecaySteps)
        {
            folder.DecayStep = trainer.Step;
            trainer.DecayFrom(trainer.Step);
            Terminal.Note($"The decay begins at step {trainer.Step} and ends at step {trainer.EndStep}.");
        }
        if (options.DecaySteps > 0 && trainer.Step > 0 && trainer.Step == trainer.EndStep - options.DecaySteps)
            folder.SaveBeforeDecay(trainer.Step, trainer.Parameters, trainer.Optimizer.State);
        return trainer.EndStep < end;
    }

    private static string Left(Trainer trainer, double rate) =>
        TimeSpan.FromSeconds((trainer.EndStep - trainer.Step) * trainer.TokensPerStep / Math.Max(1, rate)).ToString(@"hh\:mm\:ss");

    /// <summary>Writes a model folder for the engine, with bfloat16 weights.</summary>
    internal static void Export(Trainer trainer, TrainingOptions options, string tokenizer, string output)
    {
        Directory.CreateDirectory(output);
        using var scope = NewDisposeScope();
        var weights = trainer.Parameters.ToDictionary(p => p.Key, p => p.Value.detach().to(ScalarType.BFloat16, CPU));
        SafetensorsWriter.Write(Path.Combine(output, CheckpointFolder.SingleFile), weights, new Dictionary<string, string> { ["format"] = "pt" });
        File.WriteAllText(Path.Combine(output, "config.json"), options.Model.ToJson());
        string source = Path.GetFullPath(Path.Combine(tokenizer, "tokenizer.json")), target = Path.GetFullPath(Path.Combine(output, "tokenizer.json"));
        if (source != target) File.Copy(source, target, overwrite: true);
    }
}
