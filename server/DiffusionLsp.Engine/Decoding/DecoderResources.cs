using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>What decoders share beyond one decode: statistics of drafting, the small verifier. Created on first use.</summary>
/// <param name="runner">Runs the model.</param>
/// <param name="verifierFolder">Folder of the small autoregressive model; null: the model's own folder with "-ar" appended.</param>
/// <param name="promptTokens">Maximum number of prompt tokens.</param>
/// <param name="threads">CPU threads of a forward over many rows.</param>
internal sealed class DecoderResources(LoadedModel model, ModelRunner runner, string? verifierFolder, int promptTokens, int threads) : IDisposable
{
    private const int MostHole = 4096; // tokens

    private LoadedModel? small;
    private BlockCausalScorer? smallScorer;
    private CausalScorer? smallVerifier;
    private RowCost? cost;
    private DraftMemory? drafts;

    public LoadedModel Model => model;

    /// <summary>The cost of a forward on this device, measured on first use.</summary>
    public RowCost Cost => cost ??= RowCost.Measure(runner);

    /// <summary>Statistics of drafting so far, over all sessions.</summary>
    public DraftMemory Drafts => drafts ??= new DraftMemory(Cost);

    /// <summary>The small autoregressive model, with strictly causal attention whatever its configuration says.</summary>
    /// <exception cref="EngineException">It is missing, damaged, or has another tokenizer.</exception>
    public CausalScorer SmallVerifier()
    {
        if (smallVerifier is not null) return smallVerifier;
        string folder = verifierFolder ?? Path.TrimEndingDirectorySeparator(model.Folder) + "-ar";
        if (!Directory.Exists(folder))
            throw new EngineException($"The verifier small needs an autoregressive model in '{folder}', which does not exist; name its folder, or choose the verifier same or ngram.");
        small ??= model.LoadVerifier(folder);
        if (small.Tokenizer.Fingerprint != model.Tokenizer.Fingerprint)
            throw new EngineException($"The verifier in '{folder}' has another tokenizer than the model in '{model.Folder}'; the two must be trained with the same tokenizer.json.");
        smallScorer = new BlockCausalScorer(small.NewRunner(threads), CacheKind.Prefix, Math.Min(small.Config.MaxPositions, promptTokens + MostHole));
        return smallVerifier = new CausalScorer(smallScorer, readsText: !small.Config.UsesFimMiddle);
    }

    public void Dispose()
    {
        smallScorer?.Dispose();
        small?.Dispose();
    }
}
