using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Modifies the distributions of some rows of a request, whichever decoder requested them. It describes the change in plain numbers; the proposer applies it.</summary>
internal interface ILogitsProcessor
{
    /// <summary>The only ids allowed in the first row; null: any.</summary>
    IReadOnlyList<int>? AllowedFirst(ScoreCall call) => null;

    /// <summary>What to interpolate with the distributions; null: nothing.</summary>
    RowMixture? Mixture(ScoreCall call) => null;
}

/// <summary>Predictions to interpolate with some rows.</summary>
/// <param name="Rows">Only the first so many rows have predictions.</param>
/// <param name="At">Maps a row and its most probable token so far to the prediction in p ← (1 − λ) · p + λ · q; null: none. Called once per row.</param>
internal sealed record RowMixture(int Rows, Func<int, TopToken, NgramPrediction?> At);
