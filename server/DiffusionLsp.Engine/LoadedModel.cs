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
/// A model folder in memory: configuration, tokenizer, and weights on their device. Loading checks that the three fit together.
/// The built-in CPU kernels run small models on a CPU if they support them; libtorch runs the others, and all models on a GPU.
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

    /// <summary>Whether libtorch runs the model.</summary>
    public bool UsesLibtorch => tensors is not null;

    /// <summary>The model as run by libtorch.</summary>
    /// <exception cref="InvalidOperationException">libtorch does not run it.</exception>
    public Transformer Transformer => tensors?.Transformer ?? throw new InvalidOperationException("This model is not run by libtorch.");

    /// <summary>Weights of the n-gram cache; null: the model has none.</summary>
    public required NgramCacheWeights? NgramCacheWeights { get; init; }

    /// <summary>Estimates how likely its completions are to be what the user would write.</summary>
    public required ConfidenceModel Confidence { get; init; }

    /// <summary>Creates a runner, which executes row plans on this model.</summary>
    /// <param name="threads">CPU threads of a forward over many rows.</param>
    public ModelRunner NewRunner(int threads = 1) => host is not null ? new HostRunner(host, threads) : new TensorRunner(Transformer, threads);

    /// <exception cref="EngineException">A file is missing or damaged, the files do not belong together, there is too little memory, or libtorch is needed and missing.</exception>
    public static LoadedModel Load(string? folder, string device, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        folder = EmbeddedModel.FolderOr(folder);
        ComputeDevice compute = ComputeDevice.Choose(device, options.Libtorch);
        ModelOutline outline = ModelOutline.Read(folder, options.IsCausal);
        if (options.IsCausal) outline = outline with { Config = outline.Config.ReadCausally() };
        // In parallel with the weights: loading a small model's takes about as long as building the tokenizer.
        var rest = Task.Run(() => (Description: ModelDescription.Of(outline), Ngrams: NgramCacheWeights.Load(folder), Confidence: ConfidenceFile.Load(folder)));
        (ModelOutline Outline, TensorModel? Tensors, CpuTransformer? Host) weights = (outline, null, null);
        try
        {
            weights = Weights(outline, compute, options);
            var (description, ngrams, confidence) = rest.GetAwaiter().GetResult();
            return new LoadedModel(description with { Outline = weights.Outline }, compute, options, weights.Tensors, weights.Host) { NgramCacheWeights = ngrams, Confidence = confidence };
        }
        catch
        {
            weights.Tensors?.Dispose();
            weights.Host?.Dispose();
            rest.GetAwaiter().GetResult(); // a problem in the folder is a better explanation than weights that do not fit
            throw;
        }
    }

    private static (ModelOutline, TensorModel?, CpuTransformer?) Weights(ModelOutline outline, ComputeDevice compute, LoadOptions options)
    {
        using CheckpointFolder checkpoint = CheckpointFolder.Open(outline.Folder);
        outline = outline.For(checkpoint);
        bool isSmall = !compute.IsGpu && !options.ThroughLibtorch && CpuTransformer.Suits(outline.Config);
        RequireMemory(outline, compute, isSmall, options);
        if (isSmall && HostWeightLoader.TryLoad(outline, checkpoint, options.Progress) is { } weights) return (outline, null, new CpuTransformer(outline.Config, weights));
        if (isSmall) RequireMemory(outline, compute, false, options); // weights that are not bfloat16 take twice the memory
        return (outline, TensorModel.Load(outline, checkpoint, compute, options), null);
    }

    /// <summary>Loads a model that verifies this one's drafts: on the same device, with strictly causal attention.</summary>
    /// <exception cref="EngineException">As for <see cref="Load"/>.</exception>
    public LoadedModel LoadVerifier(string folder) => Load(folder, Compute.Name, options with { Progress = null, IsCausal = true });

    private static void RequireMemory(ModelOutline outline, ComputeDevice compute, bool isSmall, LoadOptions options)
    {
        int prompt = options.PromptTokens > 0 ? options.PromptTokens : outline.Family.TrainedPrompt ?? (compute.IsGpu ? PromptLength.OnGpu : PromptLength.CountedOnCpu);
        MemoryNeed need = compute.IsGpu ? MemoryNeed.Of(outline.Config, SafetensorsTypes.SizeOf(compute.DataType), prompt) : MemoryNeed.OnCpu(outline.Config, isSmall, prompt);
        need.Require(AvailableMemory.On(compute), outline.Folder);
    }

    /// <summary>Ids that must not be proposed: tokens without text that do not end it, and vocabulary rows beyond the tokenizer's entries.</summary>
    public IEnumerable<int> NeverText() =>
        Enumerable.Range(0, Config.VocabularySize).Where(id => !Tokenizer.Special.Ends(id) && (id >= Tokenizer.VocabularySize || Tokenizer.BytesOf(id).IsEmpty));

    public void Dispose()
    {
        tensors?.Dispose();
        host?.Dispose();
    }
}

/// <summary>Options for loading a model.</summary>
internal sealed record LoadOptions
{
    /// <summary>Called with the fraction of the weights read, 0 to 1; null: no listener.</summary>
    public Action<double>? Progress { get; init; }

    /// <summary>Maximum number of prompt tokens, which must fit into memory too; 0: the default.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Reads the model strictly causally, each row scoring the next token, whatever the configuration says.</summary>
    public bool IsCausal { get; init; }

    /// <summary>Runs the model with libtorch even if the built-in CPU kernels could: for tools that need tensors, and for comparison.</summary>
    public bool ThroughLibtorch { get; init; }

    /// <summary>Loaded only if it is needed.</summary>
    public Libtorch Libtorch { get; init; } = new();
}
