using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Training.Model;

/// <summary>Everything that determines a training run, as one JSON file. Paths and wall-clock limits belong to the command.</summary>
internal sealed record TrainingOptions
{
    /// <summary>Shape of the model; its vocabulary size must match the tokenizer's.</summary>
    public required ModelConfig Model { get; init; }
    /// <summary>Tokens per row (T).</summary>
    [Range(32, 65536)] public int RowTokens { get; init; } = 256;
    /// <summary>Rows per optimizer step, over all workers.</summary>
    [Range(1, 65536)] public int BatchRows { get; init; } = 32;
    /// <summary>Data-parallel workers; each is one thread with its own copy of the weights. 1 on CUDA.</summary>
    [Range(1, 64)] public int Workers { get; init; } = 2;
    /// <summary>"bf16" (float32 weights, bfloat16 arithmetic) or "fp32".</summary>
    [RegularExpression("bf16|fp32")] public string Precision { get; init; } = "bf16";
    /// <summary>Number of steps in the run.</summary>
    [Range(1, 100_000_000)] public long Steps { get; init; } = 1000;
    /// <summary>Steps over which the learning rate rises from 0.</summary>
    [Range(0, 1_000_000)] public int WarmupSteps { get; init; } = 100;
    /// <summary>Steps at the end over which it falls linearly to 0 (warm-up, stable, decay).</summary>
    [Range(0, 100_000_000)] public long DecaySteps { get; init; } = 200;
    /// <summary>"muon" (matrices by Muon, the rest by AdamW) or "adamw".</summary>
    [RegularExpression("muon|adamw")] public string Optimizer { get; init; } = "muon";
    /// <summary>Learning rate of Muon.</summary>
    [Range(0.0, 10.0)] public double MatrixLearningRate { get; init; } = 0.02;
    /// <summary>Learning rate of AdamW.</summary>
    [Range(0.0, 10.0)] public double LearningRate { get; init; } = 0.004;
    /// <summary>Decoupled weight decay of matrices.</summary>
    [Range(0.0, 1.0)] public double WeightDecay { get; init; } = 0.01;
    /// <summary>Maximum norm of the whole gradient; 0: no clipping.</summary>
    [Range(0.0, 1e6)] public double ClipNorm { get; init; } = 1.0;
    /// <summary>Share of each row's positions that are also fed as noised blocks; 0: autoregressive training only. For block-causal models; bidirectional ones are trained on hidden tokens only.</summary>
    [Range(0.0, 1.0)] public double NoisedFraction { get; init; } = 0.5;
    /// <summary>Maximum length of a noised block, in positions.</summary>
    [Range(2, 256)] public int BlockLength { get; init; } = 32;
    /// <summary>Weight of the diffusion loss relative to the autoregressive one.</summary>
    [Range(0.0, 100.0)] public double DiffusionWeight { get; init; } = 1.0;
    /// <summary>Maximum of the weight 1/t of a masked token; 1: all masked tokens weigh the same.</summary>
    [Range(1.0, 1000.0)] public double MaxInverseRatio { get; init; } = 1.0;
    /// <summary>Share of documents with a hole.</summary>
    [Range(0.0, 1.0)] public double HoleFraction { get; init; } = 0.85;
    /// <summary>Share of examples that are randomly shorter than the room in their row.</summary>
    [Range(0.0, 1.0)] public double ShortFraction { get; init; }
    /// <summary>Relative weight of each kind of hole; null: rest of line 45, whole line 20, block 22, span 9, empty 4.</summary>
    public IReadOnlyDictionary<HoleKind, double>? Holes { get; init; }
    /// <summary>
    /// "always": the FIM middle token precedes every hole, if the model has one. "serving": where serving uses it, which is always inside a line, and for
    /// whole lines when they are refilled (half of them here); otherwise the text goes on past the hole as any text.
    /// </summary>
    [RegularExpression("always|serving")] public string FimMiddle { get; init; } = "always";
    /// <summary>Share of rows with texts of other files of the package before the prefix, laid out as in serving.</summary>
    [Range(0.0, 1.0)] public double CrossFileFraction { get; init; }
    /// <summary>Relative weight of each language.</summary>
    public IReadOnlyDictionary<string, double> Languages { get; init; } =
        new Dictionary<string, double> { ["csharp"] = 0.3, ["typescript"] = 0.22, ["javascript"] = 0.18, ["python"] = 0.3 };
    /// <summary>Seed of initial weights, data order, holes and noise.</summary>
    public int Seed { get; init; } = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <exception cref="EngineException">The file is missing, is not JSON, names an unknown option, or a value is out of range.</exception>
    public static TrainingOptions Load(string path)
    {
        try
        {
            var options = JsonSerializer.Deserialize<TrainingOptions>(File.ReadAllText(path), Json) ?? throw new JsonException("it contains null.");
            if (options.Holes is { } holes && (holes.Values.Any(w => w < 0) || holes.Values.Sum() <= 0)) throw new ValidationException("holes needs weights of at least 0 with a positive sum.");
            System.ComponentModel.DataAnnotations.Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
            return options;
        }
        catch (Exception e) when (e is JsonException or ValidationException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"The training options '{path}' cannot be used: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Factor applied to the learning rates at a step (0-based): warm-up, stable, decay.</summary>
    /// <param name="end">Number of steps in the run; null: <see cref="Steps"/>.</param>
    public double Schedule(long step, long? end = null)
    {
        double rise = WarmupSteps == 0 ? 1 : Math.Min(1, (step + 1) / (double)WarmupSteps);
        double fall = DecaySteps == 0 ? 1 : Math.Clamp(((end ?? Steps) - step) / (double)DecaySteps, 0, 1);
        return Math.Min(rise, fall);
    }
}
