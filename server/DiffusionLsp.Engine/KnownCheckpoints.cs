using DiffusionLsp.Engine.Models.Families;

namespace DiffusionLsp.Engine;

/// <summary>The table of published checkpoints that the engine supports: <c>model list</c> shows it, <c>model pull</c> takes its short names.</summary>
public static class KnownCheckpoints
{
    private const string Apache = "Apache-2.0", Between = "between", Fim = "suffix first", None = "continues only";

    /// <summary>Ordered by usefulness for code completion.</summary>
    public static IReadOnlyList<KnownCheckpoint> All { get; } =
    [
        new("dreamon-7b", "Dream-org/DreamOn-v0-7B", "dreamon", 7.6, Apache, Between + ", finds its length"),
        new("dream-coder-7b", "Dream-org/Dream-Coder-v0-Instruct-7B", "dream", 7.6, Apache, Between),
        new("dream-coder-7b-base", "Dream-org/Dream-Coder-v0-Base-7B", "dream", 7.6, Apache, Between),
        new("dream-7b", "Dream-org/Dream-v0-Instruct-7B", "dream", 7.6, Apache, Between),
        new("diffucoder-7b", "apple/DiffuCoder-7B-Instruct", "dream", 7.6, "Apple ML research", Between),
        new("stable-diffcoder-8b", "ByteDance-Seed/Stable-DiffCoder-8B-Base", "stable-diffcoder", 8.3, "MIT", Fim),
        new("llada-8b", "GSAI-ML/LLaDA-8B-Instruct", "llada", 8.0, "MIT", Between),
        new("llada-1.5", "GSAI-ML/LLaDA-1.5", "llada", 8.0, "MIT", Between),
        new("illada-8b", "GSAI-ML/iLLaDA-8B-Base", "illada", 8.0, Apache, Between),
        new("open-dcoder-0.5b", "fredzzp/open-dcoder-0.5B", "open-dcoder", 0.5, Apache, Between),
        new("coda-1.7b", "Salesforce/CoDA-v0-Instruct", "coda", 1.7, "CC-BY-NC-4.0", Between),
        new("tiny-a2d-0.5b", "dllm-hub/Qwen2.5-Coder-0.5B-Instruct-diffusion-mdlm-v0.1", "tiny-a2d", 0.6, Apache, Between),
        new("tiny-a2d-0.6b", "dllm-hub/Qwen3-0.6B-diffusion-mdlm-v0.1", "tiny-a2d", 0.6, Apache, Between),
        new("llada-moe-7b", "inclusionAI/LLaDA-MoE-7B-A1B-Instruct", "llada-moe", 7.4, Apache, Between),
        new("sdar-8b", "JetLM/SDAR-8B-Chat", "sdar", 8.2, Apache, None),
        new("fast-dllm-v2-7b", "Efficient-Large-Model/Fast_dLLM_v2_7B", "fast-dllm-v2", 7.6, Apache, None),
        new("llada2-mini", "inclusionAI/LLaDA2.0-mini", "llada2", 16.3, Apache, None),
        new("qwen2.5-coder-0.5b", "Qwen/Qwen2.5-Coder-0.5B", CausalFamily.Id, 0.5, Apache, "none, a verifier for apd"),
    ];

    /// <summary>Finds a checkpoint by short name or repository, ignoring case; null: not in the table.</summary>
    public static KnownCheckpoint? Find(string name) =>
        All.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase) || string.Equals(c.Repository, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A published checkpoint.</summary>
/// <param name="Name">Short name.</param>
/// <param name="Repository">Owner and name on the hub.</param>
/// <param name="Family">Name of its family.</param>
/// <param name="Billions">Parameters, in billions.</param>
/// <param name="Licence">Licence of the weights, as their model card states it.</param>
/// <param name="Infill">How it fills a hole, for display.</param>
public sealed record KnownCheckpoint(string Name, string Repository, string Family, double Billions, string Licence, string Infill)
{
    /// <summary>Whether it only verifies drafts of the apd decoder.</summary>
    public bool OnlyVerifies => Family == CausalFamily.Id;

    /// <summary>Memory for the weights alone, in GB (10⁹ bytes).</summary>
    /// <param name="elementBytes">Bytes of one weight.</param>
    public double Gigabytes(int elementBytes) => Billions * elementBytes;
}
