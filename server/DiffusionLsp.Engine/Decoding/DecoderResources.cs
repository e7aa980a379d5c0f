using DiffusionLsp.Engine.Decoding.Adaptive;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>What decoders share beyond one decode: statistics of drafting, the small verifier. Created on first use.</summary>
/// <param name="runner">Runs the model.</param>
/// <param name="engine">Names the folder of the small autoregressive model; default: the model's own folder with "-ar" appended.</param>
/// <param name="promptTokens">Maximum number of prompt tokens.</param>
/// <param name="threads">CPU threads of a forward over many rows.</param>
internal sealed class DecoderResources(LoadedModel model, ModelRunner runner, EngineOptions engine, int promptTokens, int threads) : IDisposable
{
    private const int MostHole = 4096; // tokens

    private SmallVerifier? small;
    private RowCost? cost;
    private DraftMemory? drafts;

    public LoadedModel Model => model;

    /// <summary>The cost of a forward on this device, measured on first use.</summary>
    public RowCost Cost => cost ??= RowCost.Measure(runner);

    /// <summary>Statistics of drafting so far, over all sessions.</summary>
    public DraftMemory Drafts => drafts ??= new DraftMemory(Cost);

    /// <summary>The small autoregressive model, with strictly causal attention whatever its configuration says.</summary>
    /// <exception cref="EngineException">It is missing, damaged, or gives text different token ids.</exception>
    public SmallVerifier SmallVerifier() =>
        small ??= Adaptive.SmallVerifier.Load(model, engine.VerifierFolder ?? Path.TrimEndingDirectorySeparator(model.Folder) + "-ar", engine, promptTokens + MostHole, threads);

    public void Dispose() => small?.Dispose();
}
