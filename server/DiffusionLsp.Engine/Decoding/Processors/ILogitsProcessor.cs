using DiffusionLsp.Engine.Decoding.NgramCache;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Changes what is proposed in some rows of a request, whatever decoder asked for them. It says what, in plain numbers; who proposes does it.</summary>
internal interface ILogitsProcessor
{
    /// <summary>The ids that alone may be proposed in the first row; null: any.</summary>
    IReadOnlyList<int>? AllowedFirst(ScoreCall call) => null;

    /// <summary>What is mixed into the distributions; null: nothing.</summary>
    RowMixture? Mixture(ScoreCall call) => null;
}

/// <summary>Other distributions for some rows.</summary>
/// <param name="Rows">Only the first so many rows may be asked for.</param>
/// <param name="At">Given a row and its likeliest token so far, what is mixed in: p ← (1 − λ) · p + λ · q; null: nothing. Each row is asked for once.</param>
internal sealed record RowMixture(int Rows, Func<int, TopToken, NgramPrediction?> At);
