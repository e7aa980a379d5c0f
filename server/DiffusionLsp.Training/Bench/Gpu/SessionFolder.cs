using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tokenization;
using DiffusionLsp.Training.Corpus;
using DiffusionLsp.Training.Model;

namespace DiffusionLsp.Training.Bench.Gpu;

/// <summary>A temporary folder with what the training part reads: options and shards. Deleted on disposal.</summary>
/// <remarks>It trains on whatever shards there are, held-out ones too: it is timed, and its weights are thrown away.</remarks>
internal sealed class SessionFolder : IDisposable
{
    private static readonly string[] Files = [".tokens", ".index"];
    private readonly string folder = Directory.CreateTempSubdirectory("diffusion-lsp-gpu-").FullName;

    public SessionFolder(SessionSettings settings)
    {
        string model = EmbeddedModel.FolderOr(null);
        ModelConfig nano = ModelConfig.Load(model);
        using ShardFolder shards = ShardFolder.Of(settings.Shards, CodeTokenizer.Load(model));
        Directory.CreateDirectory(Shards);
        foreach (string language in Languages.All)
        {
            Take(shards.Path, language, "train", "train", "eval");
            Take(shards.Path, language, "validation", "validation", "eval");
        }
        // The embedded model's second run (eng/training), as long as it is let; or a toy.
        TrainingOptions options = settings.Quick
            ? new() { Model = nano with { Layers = 2, HiddenSize = 64, Heads = 2, KeyValueHeads = 1, HeadSize = 32, IntermediateSize = 128 }, RowTokens = 64, BatchRows = 4, Workers = 1, Steps = 20 }
            : new() { Model = nano, RowTokens = 640, BatchRows = 160, Workers = 1, Steps = 100_000, NoisedFraction = 0.25, DiffusionWeight = 0.7, HoleFraction = 0.9, ShortFraction = 0.6 };
        File.WriteAllText(Options, options.ToJson());
        TokensPerStep = (long)options.BatchRows * options.RowTokens;
    }

    public string Options => Path.Combine(folder, "options.json");
    public string Shards => Path.Combine(folder, "shards");
    public string Run => Path.Combine(folder, "run");

    /// <summary>Clean tokens of one training step.</summary>
    public long TokensPerStep { get; }

    /// <summary>A file for the numbers of a part.</summary>
    public string Numbers(string part) => Path.Combine(folder, part + ".json");

    /// <summary>Copies a shard as another split: the first that is there.</summary>
    private void Take(string from, string language, string split, params string[] candidates)
    {
        string source = candidates.FirstOrDefault(candidate => File.Exists(Path.Combine(from, $"{language}.{candidate}.tokens"))) ?? candidates[^1];
        foreach (string file in Files) File.Copy(Path.Combine(from, $"{language}.{source}{file}"), Path.Combine(Shards, $"{language}.{split}{file}"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
