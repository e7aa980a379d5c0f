using DiffusionLsp.Engine.Decoding.Memory;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine;

/// <summary>A model folder in memory: configuration, tokenizer, weights on their device. Loading checks that the three fit.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly IReadOnlyDictionary<string, Tensor> weights;

    private LoadedModel(string folder, ModelConfig config, CodeTokenizer tokenizer, ComputeDevice compute, IReadOnlyDictionary<string, Tensor> weights)
    {
        (Folder, Config, Tokenizer, Compute, this.weights) = (folder, config, tokenizer, compute, weights);
        using var noGradient = no_grad();
        Transformer = new Transformer(config, weights);
        MemoryWeights = MemoryWeights.Load(folder);
    }

    public string Folder { get; }
    public ModelConfig Config { get; }
    public CodeTokenizer Tokenizer { get; }
    public ComputeDevice Compute { get; }
    public Transformer Transformer { get; }

    /// <summary>How far the file's memory is trusted beside this model; null: not at all.</summary>
    public MemoryWeights? MemoryWeights { get; }

    /// <exception cref="EngineException">A file is missing or damaged, or the files do not belong together.</exception>
    public static LoadedModel Load(string? folder, string device) => Load(folder, device, config => config);

    /// <summary>Loads a model whose weights are read strictly causally, each row scoring the next token, whatever its configuration says.</summary>
    /// <exception cref="EngineException">As for <see cref="Load(string?, string)"/>.</exception>
    public static LoadedModel LoadCausal(string folder, string device) =>
        Load(folder, device, config => config with { Attention = AttentionKind.BlockCausal, LogitShift = true, ContextBlockSize = 1 });

    private static LoadedModel Load(string? folder, string device, Func<ModelConfig, ModelConfig> read)
    {
        folder ??= EmbeddedModel.Folder
            ?? throw new EngineException("The embedded model (models/nano) is not beside the program; install DiffusionLsp again, or name a model folder.");
        ComputeDevice compute = ComputeDevice.Choose(device);
        ModelConfig config = read(ModelConfig.Load(folder));
        CodeTokenizer tokenizer = CodeTokenizer.Load(folder);
        if (tokenizer.VocabularySize > config.VocabularySize)
            throw new EngineException($"The tokenizer in '{folder}' has {tokenizer.VocabularySize} entries, but config.json says vocab_size {config.VocabularySize}; take both from the same model.");
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        var weights = checkpoint.Load(ParameterTable.Shapes(config), compute.Device, compute.DataType);
        foreach (Tensor tensor in weights.Values) tensor.DetachFromDisposeScope();
        checkpoint.RequireFinite(weights);
        return new LoadedModel(folder, config, tokenizer, compute, weights);
    }

    public void Dispose()
    {
        Transformer.Dispose();
        foreach (Tensor tensor in weights.Values) tensor.Dispose();
    }
}
