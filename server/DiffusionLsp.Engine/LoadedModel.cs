using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;
using DiffusionLsp.Engine.Models.Families;
using DiffusionLsp.Engine.Models.Weights;
using DiffusionLsp.Engine.Tensors;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>
/// A model folder in memory: configuration, tokenizer, weights on their device. Loading checks that the three fit. A small model on a
/// CPU is run by kernels of our own; whatever they do not take, and every model on a GPU, by libtorch.
/// </summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly TensorModel? tensors;
    private readonly CpuTransformer? host;

    private readonly LoadOptions options;

    private LoadedModel(ModelDescription description, ComputeDevice compute, LoadOptions options, TensorModel? tensors, CpuTransformer? host) =>
        (Description, Compute, this.options, this.tensors, this.host) = (description, compute, options, tensors, host);

    public ModelDescription Description { get; }
    public string Folder => Description.Folder;
    public ModelConfig Config => Description.Config;
    public CodeTokenizer Tokenizer => Description.Tokenizer;
    public ComputeDevice Compute { get; }

    /// <summary>Whether libtorch runs it.</summary>
    public bool UsesLibtorch => tensors is not null;

    /// <summary>The model as libtorch runs it.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public Transformer Transformer => tensors?.Transformer ?? throw new InvalidOperationException("This model is not run by libtorch.");

    /// <summary>How far the n-gram cache is trusted beside this model; null: not at all.</summary>
    public required NgramCacheWeights? NgramCacheWeights { get; init; }

    /// <summary>How sure one may be of what it writes.</summary>
    public required ConfidenceModel Confidence { get; init; }

    /// <summary>Something that executes rows planned for this model.</summary>
    /// <param name="threads">CPU threads of a forward over many rows.</param>
    public ModelRunner NewRunner(int threads = 1) => host is not null ? new HostRunner(host, threads) : new TensorRunner(Transformer, threads);

    /// <exception cref="EngineException">A file is missing or damaged, the files do not belong together, memory is short, or libtorch is needed and missing.</exception>
    public static LoadedModel Load(string? folder, string device, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        folder = EmbeddedModel.FolderOr(folder);
        ComputeDevice compute = ComputeDevice.Choose(device, options.Libtorch);
        ModelDescription description = ModelDescription.Read(folder);
        if (options.IsCausal) description = description with { Config = description.Config with { Attention = AttentionKind.BlockCausal, LogitShift = true, ContextBlockSize = 1 } };
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        description = description.For(checkpoint);
        bool isSmall = !compute.IsGpu && !options.ThroughLibtorch && CpuTransformer.Suits(description.Config);
        RequireMemory(description, compute, isSmall, options);
        NgramCacheWeights? ngramCacheWeights = NgramCacheWeights.Load(folder);
        ConfidenceModel confidence = ConfidenceFile.Load(folder);
        CpuTransformer? host = isSmall && HostWeightLoader.TryLoad(description, checkpoint, options.Progress) is { } weights ? new CpuTransformer(description.Config, weights) : null;
        if (isSmall && host is null) RequireMemory(description, compute, false, options); // its weights are no bfloat16, and take twice the room
        TensorModel? tensors = host is null ? TensorModel.Load(description, checkpoint, compute, options) : null;
        return new LoadedModel(description, compute, options, tensors, host) { NgramCacheWeights = ngramCacheWeights, Confidence = confidence };
    }

    /// <summary>Loads a model that checks what this one drafts: on the same device, read strictly causally.</summary>
    /// <exception cref="EngineException">As for <see cref="Load"/>.</exception>
    public LoadedModel LoadVerifier(string folder) => Load(folder, Compute.Name, options with { Progress = null, IsCausal = true });

    private static void RequireMemory(ModelDescription description, ComputeDevice compute, bool isSmall, LoadOptions options)
    {
        int prompt = options.PromptTokens > 0 ? options.PromptTokens : description.Family.TrainedPrompt ?? (compute.IsGpu ? PromptLength.OnGpu : PromptLength.CountedOnCpu);
        MemoryNeed need = compute.IsGpu ? MemoryNeed.Of(description.Config, SafetensorsTypes.SizeOf(compute.DataType), prompt) : MemoryNeed.OnCpu(description.Config, isSmall, prompt);
        need.Require(AvailableMemory.On(compute), description.Folder);
    }

    /// <summary>Ids that may not be proposed: whatever stands for no text and does not end it, and scores beyond the tokenizer's entries.</summary>
    public IEnumerable<int> NeverText() =>
        Enumerable.Range(0, Config.VocabularySize).Where(id => !Tokenizer.Special.Ends(id) && (id >= Tokenizer.VocabularySize || Tokenizer.BytesOf(id).IsEmpty));

    public void Dispose()
    {
        tensors?.Dispose();
        host?.Dispose();
    }
}

/// <summary>How a model is loaded.</summary>
internal sealed record LoadOptions
{
    /// <summary>Told the share of the weights that has been read, 0 to 1; null: nobody listens.</summary>
    public Action<double>? Progress { get; init; }

    /// <summary>Most tokens of a prompt, which must fit into memory too; 0: the default.</summary>
    public int PromptTokens { get; init; }

    /// <summary>The weights are read strictly causally, each row scoring the next token, whatever the configuration says.</summary>
    public bool IsCausal { get; init; }

    /// <summary>libtorch runs it, also where kernels of our own would: for tools that need tensors, and to compare.</summary>
    public bool ThroughLibtorch { get; init; }

    /// <summary>Loaded if it is needed.</summary>
    public Libtorch Libtorch { get; init; } = new();
}
