using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Forbids all but a few tokens at one position, whatever the model says. It adds no forward.</summary>
internal sealed class HealedScorer : ICanvasScorer, IDisposable
{
    private readonly ICanvasScorer inner;
    private readonly int position;
    private readonly Tensor forbidden; // (1, V): 0, or −∞

    /// <param name="position">In the sequence.</param>
    /// <param name="allowed">Ids.</param>
    public HealedScorer(ICanvasScorer inner, int position, IReadOnlyList<int> allowed, int vocabularySize, Device device)
    {
        (this.inner, this.position) = (inner, position);
        var additions = new float[vocabularySize];
        Array.Fill(additions, float.NegativeInfinity);
        foreach (int id in allowed) additions[id] = 0;
        forbidden = tensor(additions, device: device).unsqueeze(0).DetachFromDisposeScope();
    }

    public int Forwards => inner.Forwards;

    public Tensor Score(ReadOnlySpan<int> sequence, ScoreWindow window)
    {
        Tensor scores = inner.Score(sequence, window);
        if (window.Start != position) return scores; // decided already
        using var scope = NewDisposeScope();
        using var noGradient = inference_mode();
        using Tensor all = scores;
        Tensor first = all.narrow(0, 0, 1).to(ScalarType.Float32).Plus(forbidden);
        return cat([first.to(all.dtype), all.narrow(0, 1, all.shape[0] - 1)], dim: 0).MoveToOuterDisposeScope();
    }

    public void Dispose() => forbidden.Dispose();
}
