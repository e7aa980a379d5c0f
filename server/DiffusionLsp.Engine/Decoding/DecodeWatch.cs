using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Hooks through which tracing and training observe or modify a decode.</summary>
/// <param name="Observer">Sees every step; null: none.</param>
/// <param name="Policy">Maps the options' policy and its context to the one to use; null: unchanged.</param>
/// <param name="Scorer">Maps the engine's scorer to the one to use; null: unchanged.</param>
internal sealed record DecodeWatch(IDecodeObserver? Observer, Func<ICommitPolicy, PolicyContext, ICommitPolicy>? Policy = null, Func<ICanvasScorer, ICanvasScorer>? Scorer = null);
