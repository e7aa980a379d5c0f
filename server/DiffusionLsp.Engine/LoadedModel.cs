using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Families;
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

    private LoadedModel(ModelDescription description, NgramCacheWeights? ngramCacheWeights, ComputeDevice compute, IReadOnlyDictionary<string, Tensor> weights)
    {
        (Description, NgramCacheWeights, Compute, this.weights) = (description, ngramCacheWeights, compute, weights);
        using var noGradient = no_grad();
        Transformer = new Transformer(description.Config, weights);
        Transformer.PackForCpu(weights);
    }

    public ModelDescription Description { get; }
    public string Folder => Description.Folder;
    public ModelConfig Config => Description.Config;
    public CodeTokenizer Tokenizer => Description.Tokenizer;
    public ComputeDevice Compute { get; }
    public Transformer Transformer { get; }

    /// <summary>How far the n-gram cache is trusted beside this model; null: not at all.</summary>
    public NgramCacheWeights? NgramCacheWeights { get; }

    /// <summary>How sure one may be of what it writes.</summary>
    public required ConfidenceModel Confidence { get; init; }

    /// <param name="progress">Told the share of the weights that has been read, 0 to 1.</param>
    /// <param name="promptTokens">Most tokens of a prompt, which must fit into memory too; 0: the default.</param>
    /// <exception cref="EngineException">A file is missing or damaged, the files do not belong together, or memory is short.</exception>
    public static LoadedModel Load(string? folder, string device, Action<double>? progress = null, int promptTokens = 0) => Load(folder, device, config => config, progress, promptTokens);

    /// <summary>Loads a model whose weights are read strictly causally, each row scoring the next token, whatever its configuration says.</summary>
    /// <exception cref="EngineException">As for <see cref="Load(string?, string, Action{double}?, int)"/>.</exception>
    public static LoadedModel LoadCausal(string folder, string device) =>
        Load(folder, device, config => config with { Attention = AttentionKind.BlockCausal, LogitShift = true, ContextBlockSize = 1 }, null, 0);

    private static LoadedModel Load(string? folder, string device, Func<ModelConfig, ModelConfig> read, Action<double>? progress, int promptTokens)
    {
        folder = EmbeddedModel.FolderOr(folder);
        ComputeDevice compute = ComputeDevice.Choose(device);
        ModelDescription description = ModelDescription.Read(folder);
        description = description with { Config = read(description.Config) };
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        description = description.For(checkpoint);
        int prompt = promptTokens > 0 ? promptTokens : description.Family.TrainedPrompt ?? (compute.Device.type is DeviceType.CPU ? PromptLength.CountedOnCpu : PromptLength.OnGpu);
        MemoryNeed need = compute.Device.type is DeviceType.CPU ? MemoryNeed.OnCpu(description.Config, prompt) : MemoryNeed.Of(description.Config, SafetensorsTypes.SizeOf(compute.DataType), prompt);
        need.Require(AvailableMemory.On(compute.Device), description.Folder);
        NgramCacheWeights? ngramCacheWeights = NgramCacheWeights.Load(folder);
        ConfidenceModel confidence = ConfidenceFile.Load(folder);
        IReadOnlyDictionary<string, Tensor> weights = WeightLoader.Load(description, checkpoint, compute.Device, compute.DataType, progress);
        try
        {
            return new LoadedModel(description, ngramCacheWeights, compute, weights) { Confidence = confidence };
        }
        catch
        {
            foreach (Tensor tensor in weights.Values) tensor.Dispose();
            throw;
        }
    }

    /// <summary>The same weights without kernels of our own, to compare with. The caller disposes it, before the model.</summary>
    public Transformer ThroughLibtorch()
    {
        using var noGradient = no_grad();
        return new Transformer(Config, weights);
    }

    /// <summary>Ids that may not be proposed: whatever stands for no text and does not end it, and scores beyond the tokenizer's entries.</summary>
    public IEnumerable<int> NeverText() =>
        Enumerable.Range(0, Config.VocabularySize).Where(id => !Tokenizer.Special.Ends(id) && (id >= Tokenizer.VocabularySize || Tokenizer.BytesOf(id).IsEmpty));

    public void Dispose()
    {
        Transformer.Dispose();
        foreach (Tensor tensor in weights.Values) tensor.Dispose();
    }
}
