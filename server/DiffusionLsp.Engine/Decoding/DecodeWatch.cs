using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>How a trace or the trainer takes part in a decode.</summary>
/// <param name="Observer">Looks on.</param>
/// <param name="Policy">Given the options' own policy and its context, the one to use.</param>
/// <param name="Scorer">Given the engine's own scorer, the one to use.</param>
internal sealed record DecodeWatch(IDecodeObserver? Observer, Func<ICommitPolicy, PolicyContext, ICommitPolicy>? Policy = null, Func<ICanvasScorer, ICanvasScorer>? Scorer = null);
