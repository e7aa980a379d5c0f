using System.Globalization;
using DiffusionLsp.Engine.Models.CpuKernels;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>The memory that a model needs on its device, computed before anything is loaded.</summary>
/// <param name="Weights">Bytes of the parameters.</param>
/// <param name="Cache">Bytes of the K/V cache of one prompt of maximum length.</param>
/// <param name="Work">Bytes of scores and activations; an estimate.</param>
internal sealed record MemoryNeed(long Weights, long Cache, long Work)
{
    private const long LongestHole = 4096;
    private const long ScoredRows = 64;

    public long Total => Weights + Cache + Work;

    /// <param name="elementBytes">Bytes per number on the device.</param>
    /// <param name="promptTokens">Maximum number of prompt tokens.</param>
    public static MemoryNeed Of(ModelConfig config, int elementBytes, int promptTokens = PromptLength.OnGpu)
    {
        long rows = Math.Min(promptTokens + LongestHole, config.MaxPositions);
        long keysAndValues = 2L * config.Layers * config.KeyValueHeads * config.HeadSize * rows * elementBytes;
        long widest = Math.Max(2L * config.IntermediateSize, (long)(config.Heads + 2 * config.KeyValueHeads) * config.HeadSize);
        // Scores are float32, and their softmax and its logarithm exist at the same time.
        long work = Math.Min(promptTokens, config.MaxPositions) * (widest + 4L * config.HiddenSize) * elementBytes + ScoredRows * config.VocabularySize * 4L * 4;
        return new MemoryNeed(ParameterTable.Count(config) * elementBytes, keysAndValues, work);
    }

    /// <summary>The need on a CPU, where everything is float32 except a small model's weights.</summary>
    /// <param name="isSmall">Whether our own kernels run it.</param>
    public static MemoryNeed OnCpu(ModelConfig config, bool isSmall, int promptTokens = PromptLength.CountedOnCpu)
    {
        MemoryNeed need = Of(config, sizeof(float), promptTokens);
        return isSmall ? need with { Weights = CpuTransformer.WeightBytes(config) } : need;
    }

    /// <summary>Rejects a model that does not fit, before the machine starts swapping.</summary>
    /// <param name="available">Free bytes; null: unknown.</param>
    /// <exception cref="EngineException">It does not fit; the message states how much is needed.</exception>
    public void Require(long? available, string folder)
    {
        if (available is { } free && Total > free)
            throw new EngineException($"The model in '{folder}' needs {Gigabytes(Total)} of memory ({Gigabytes(Weights)} for its weights), but {Gigabytes(free)} are free; close other programs, or choose a smaller model or another device.");
    }

    /// <summary>Formats a number of bytes.</summary>
    public static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
