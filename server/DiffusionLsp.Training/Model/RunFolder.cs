using System.Globalization;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Training.Model;

/// <summary>
/// The folder of a training run: options, metrics, and checkpoints that survive a kill at any moment. A checkpoint is written beside the
/// last one, flushed, and renamed; only then is the older one deleted.
/// </summary>
internal sealed class RunFolder(string folder)
{
    private const string Prefix = "checkpoint-";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public string OptionsPath => Path.Combine(folder, "options.json");
    public string MetricsPath => Path.Combine(folder, "metrics.jsonl");
    public string PlotPath => Path.Combine(folder, "loss.png");

    /// <summary>Appends one line to the metrics, durable against a kill of the process but not against power failure.</summary>
    public void Append(TrainingMetrics metrics)
    {
        Directory.CreateDirectory(folder);
        File.AppendAllText(MetricsPath, JsonSerializer.Serialize(metrics, Json) + "\n");
    }

    /// <summary>The metrics so far, without a line truncated by a kill and without steps that were repeated afterwards.</summary>
    public IReadOnlyList<TrainingMetrics> Metrics()
    {
        if (!File.Exists(MetricsPath)) return [];
        var metrics = new List<TrainingMetrics>();
        foreach (string line in File.ReadLines(MetricsPath))
        {
            try
            {
                TrainingMetrics next = JsonSerializer.Deserialize<TrainingMetrics>(line, Json)!;
                metrics.RemoveAll(m => m.Step >= next.Step);
                metrics.Add(next);
            }
            catch (JsonException) { }
        }
        return metrics;
    }

    /// <summary>Which shards the rows come from, by the steps from which on they do; empty: an older run, which knew one shard per language.</summary>
    public IReadOnlyList<ShardUse> Shards() => !File.Exists(ShardsPath) ? [] : [.. File.ReadLines(ShardsPath).Select(line => JsonSerializer.Deserialize<ShardUse>(line, Json)!)];

    /// <summary>Replaces these records, whole or not at all.</summary>
    public void WriteShards(IEnumerable<ShardUse> uses)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(ShardsPath + ".partial", uses.Select(use => JsonSerializer.Serialize(use, Json)));
        File.Move(ShardsPath + ".partial", ShardsPath, overwrite: true);
    }

    private string ShardsPath => Path.Combine(folder, "shards.jsonl");

    /// <summary>Whether somebody has asked for the decay: a file named <c>decay</c> stands here.</summary>
    public bool WantsDecay => File.Exists(DecayPath);

    /// <summary>The step at which the decay that was asked for began; null: it has not.</summary>
    public long? DecayStep
    {
        get => WantsDecay && long.TryParse(File.ReadAllText(DecayPath), CultureInfo.InvariantCulture, out long step) ? step : null;
        set => File.WriteAllText(DecayPath, value?.ToString(CultureInfo.InvariantCulture));
    }

    private string DecayPath => Path.Combine(folder, "decay");

    /// <summary>Writes weights and moments after <paramref name="step"/> steps, and deletes older checkpoints but the last.</summary>
    public void Save(long step, IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyDictionary<string, Tensor> moments)
    {
        Write(Prefix, step, parameters, moments);
        foreach ((string old, _) in Checkpoints().SkipLast(2)) Directory.Delete(old, recursive: true);
    }

    /// <summary>Writes a checkpoint that stays, for a run that goes on from before the decay.</summary>
    public void SaveBeforeDecay(long step, IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyDictionary<string, Tensor> moments) => Write("before-decay-", step, parameters, moments);

    private void Write(string prefix, long step, IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyDictionary<string, Tensor> moments)
    {
        string final = Path.Combine(folder, prefix + step.ToString("D9", CultureInfo.InvariantCulture));
        string partial = final + ".partial";
        if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        Directory.CreateDirectory(partial);
        SafetensorsWriter.Write(Path.Combine(partial, CheckpointFolder.SingleFile), parameters);
        SafetensorsWriter.Write(Path.Combine(partial, "optimizer.safetensors"), moments);
        if (Directory.Exists(final)) Directory.Delete(final, recursive: true);
        Directory.Move(partial, final);
    }

    /// <summary>The newest complete checkpoint; null: there is none.</summary>
    public (string Folder, long Step)? Latest() => Checkpoints() is { Count: > 0 } all ? all[^1] : null;

    /// <summary>Copies a checkpoint's tensors into the given ones.</summary>
    /// <exception cref="EngineException">The checkpoint belongs to another model.</exception>
    public static void Restore(string checkpoint, IReadOnlyDictionary<string, Tensor> parameters, IReadOnlyDictionary<string, Tensor>? moments)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using (CheckpointFolder weights = CheckpointFolder.Open(checkpoint))
            Copy(weights.Load(parameters.ToDictionary(p => p.Key, p => p.Value.shape), CPU, ScalarType.Float32), parameters);
        if (moments is null) return;
        using SafetensorsFile optimizer = SafetensorsFile.Open(Path.Combine(checkpoint, "optimizer.safetensors"));
        if (!optimizer.Tensors.Keys.ToHashSet().SetEquals(moments.Keys))
            throw new EngineException($"The optimizer state in '{checkpoint}' is of another optimizer; start a new run from its weights with --from.");
        Copy(moments.Keys.ToDictionary(name => name, name => optimizer.Read(name, CPU, ScalarType.Float32)), moments);
    }

    private static void Copy(IReadOnlyDictionary<string, Tensor> from, IReadOnlyDictionary<string, Tensor> to)
    {
        foreach ((string name, Tensor tensor) in from) to[name].copy_(tensor);
    }

    private List<(string Folder, long Step)> Checkpoints() => !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateDirectories(folder, Prefix + "*")
            .Select(d => (Folder: d, Name: Path.GetFileName(d)[Prefix.Length..]))
            .Where(d => d.Name.All(char.IsAsciiDigit))
            .Select(d => (d.Folder, Step: long.Parse(d.Name, CultureInfo.InvariantCulture)))
            .OrderBy(d => d.Step)];
}

/// <summary>From a step on, rows come from these shards.</summary>
/// <param name="Step">The first.</param>
/// <param name="Windows">Windows that earlier steps took, by shard.</param>
internal sealed record ShardUse(long Step, IReadOnlyDictionary<string, long> Windows);

/// <summary>One line of metrics.jsonl: averages since the previous line.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Tokens">Clean tokens seen since the run began.</param>
/// <param name="Autoregressive">Mean loss of clean rows, nats per token.</param>
/// <param name="Diffusion">Mean loss of hidden tokens in noised rows, nats per token.</param>
/// <param name="TokensPerSecond">Clean tokens per second.</param>
/// <param name="Rate">Factor applied to the learning rates.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="Validation">Validation losses by language; null: not measured.</param>
internal sealed record TrainingMetrics(long Step, long Tokens, double Autoregressive, double Diffusion, double TokensPerSecond, double Rate,
    double GradientNorm, IReadOnlyDictionary<string, StepLosses>? Validation = null);
