using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>
/// Verifies with a transformer read strictly causally: one forward over the draft, all rows clean. If it is given the scorer that also
/// proposes, the same weights verify and share its cache; rows of tokens that are then committed need no second forward.
/// </summary>
/// <remarks>
/// Every distribution comes from the row before its token, so it is correct even after a whole draft was accepted, where the
/// published code uses a stale row.
/// </remarks>
/// <param name="scorer">Scorer of a block-causal model with shifted logits and groups of one row.</param>
/// <param name="readsText">Whether the weights were trained without a FIM middle token between prefix and hole.</param>
/// <param name="isCanvas">Whether <paramref name="scorer"/> also scores the canvas.</param>
internal sealed class CausalScorer(ICanvasScorer scorer, bool readsText, bool isCanvas = false) : IAutoregressiveScorer
{
    public bool ReadsText => readsText;

    public ICanvasScorer? Canvas => isCanvas ? scorer : null;

    public Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
    {
        int end = sequence.Length + 1;
        return scorer.Score(sequence, new ScoreWindow(start, start, end, end) { CleanEnd = sequence.Length, Cancellation = cancellation });
    }
}
