using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine;

/// <summary>Inspects a model folder without loading it: what it is, what it needs, whether it is intact. Needs neither libtorch nor the model's memory.</summary>
public static class ModelInspector
{
    /// <summary>Describes the model in a folder.</summary>
    /// <exception cref="EngineException">The model is of no known family, or a file is missing or damaged; the message names it.</exception>
    public static ModelReport Inspect(string folder)
    {
        ModelDescription model = ModelDescription.Read(folder, onlyVerifies: true);
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        ModelConfig c = model.Outline.For(checkpoint).Config;
        return new ModelReport
        {
            Family = model.Family.Title,
            Architecture = c.Architectures[0],
            Parameters = ParameterTable.Count(c),
            Layers = c.Layers,
            Width = c.HiddenSize,
            ElementTypes = [.. checkpoint.Tensors.Values.Select(t => SafetensorsTypes.Find(t.DataType) ?? "?").Distinct().Order(StringComparer.Ordinal)],
            Attention = c.Attention is AttentionKind.Full ? "full" : $"causal over blocks of {c.ContextBlockSize}",
            IsShifted = c.LogitShift,
            OnlyVerifies = model.Family is CausalFamily,
            Infill = model.Family is CausalFamily ? "none: verifies drafts of the apd decoder" : !model.Prompt.SeesSuffix ? "none: continues text" : model.Prompt.SeesSuffixNatively ? "masks between prefix and suffix" : "suffix before prefix",
            LengthPolicy = model.Family.LengthPolicy,
            MaskToken = model.Tokenizer.Special.Mask,
            VocabularySize = model.Tokenizer.VocabularySize,
            MemoryBytes = new Dictionary<string, long> { ["bfloat16"] = MemoryNeed.Of(c, 2).Total, ["float32"] = MemoryNeed.OnCpu(c, CpuTransformer.Suits(c)).Total },
        };
    }

    /// <summary>Checks everything that loading relies on, and that every weight is finite. Reads the whole checkpoint once, in small pieces.</summary>
    /// <param name="progress">Called with the fraction read, 0 to 1; null: no listener.</param>
    /// <returns>The problems, one sentence each; empty: the folder is intact.</returns>
    public static IReadOnlyList<string> Verify(string folder, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var problems = new List<string>();
        try
        {
            ModelDescription model = ModelDescription.Read(folder, onlyVerifies: true);
            using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
            ModelOutline outline = model.Outline.For(checkpoint);
            string[] unlisted = [.. checkpoint.Unlisted];
            if (unlisted.Length > 0) problems.Add($"The index in '{folder}' does not list {string.Join(", ", unlisted.Take(10))}, which the weight files contain; download the checkpoint again.");
            _ = NgramCacheWeights.Load(folder);
            _ = ConfidenceFile.Load(folder);
            problems.AddRange(new FilterStore(folder).Problems());
            checkpoint.RequireFit(outline.Tensors.ToDictionary(t => t.Name, t => t.Shape), ModelOutline.IsIgnored);
            List<string> broken = NonFinite(checkpoint, progress, cancellation);
            checkpoint.RequireUnchanged();
            checkpoint.RefuseNonFinite(broken);
        }
        catch (EngineException e)
        {
            problems.Add(e.Message);
        }
        return problems;
    }

    private static List<string> NonFinite(CheckpointFolder checkpoint, Action<double>? progress, CancellationToken cancellation)
    {
        var broken = new List<string>();
        long all = checkpoint.Tensors.Values.Sum(t => t.Bytes), done = 0;
        foreach ((string name, TensorInfo info) in checkpoint.InFileOrder(checkpoint.Tensors, t => t.Key))
        {
            cancellation.ThrowIfCancellationRequested();
            bool isFinite = true;
            checkpoint.FileOf(name).ForEachPiece(name, bytes => isFinite = FiniteCheck.IsFinite(bytes, info.DataType));
            if (!isFinite) broken.Add(name);
            progress?.Invoke(all == 0 ? 1 : (double)(done += info.Bytes) / all);
        }
        return broken;
    }
}

/// <summary>What a model folder contains.</summary>
public sealed record ModelReport
{
    /// <summary>Title of the model family.</summary>
    public required string Family { get; init; }
    /// <summary>The first class name in config.json.</summary>
    public required string Architecture { get; init; }
    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }
    /// <summary>Transformer layers.</summary>
    public required int Layers { get; init; }
    /// <summary>Width of the residual stream.</summary>
    public required int Width { get; init; }
    /// <summary>Element types that occur in the weight files.</summary>
    public required IReadOnlyList<string> ElementTypes { get; init; }
    /// <summary>The attention mask, for display: "full" or causal over blocks.</summary>
    public required string Attention { get; init; }
    /// <summary>Whether row i scores the token at i + 1.</summary>
    public required bool IsShifted { get; init; }
    /// <summary>How a hole between two texts is filled, for display.</summary>
    public required string Infill { get; init; }
    /// <summary>Whether it is an autoregressive model, which only verifies drafts of the apd decoder.</summary>
    public required bool OnlyVerifies { get; init; }
    /// <summary>Name of the family's default length policy.</summary>
    public required string LengthPolicy { get; init; }
    /// <summary>Id of the mask token.</summary>
    public required int MaskToken { get; init; }
    /// <summary>Entries of the tokenizer.</summary>
    public required int VocabularySize { get; init; }
    /// <summary>Required memory in bytes, by element type of the computation.</summary>
    public required IReadOnlyDictionary<string, long> MemoryBytes { get; init; }
}
