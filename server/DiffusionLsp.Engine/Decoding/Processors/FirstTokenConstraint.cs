using DiffusionLsp.Engine.Tensors;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Forbids all but a few tokens at the first position of the hole, whatever the model says: token healing needs one that begins with the removed text.</summary>
internal sealed class FirstTokenConstraint : ILogitsProcessor, IDisposable
{
    private readonly Tensor forbidden; // (V): 0, or −∞

    /// <param name="allowed">Ids.</param>
    public FirstTokenConstraint(IReadOnlyList<int> allowed, int vocabularySize, Device device)
    {
        var additions = new float[vocabularySize];
        Array.Fill(additions, float.NegativeInfinity);
        foreach (int id in allowed) additions[id] = 0;
        forbidden = tensor(additions, device: device).DetachFromDisposeScope();
    }

    public void Constrain(Tensor scores, ScoreCall call)
    {
        if (call.First != 0) return; // decided already
        using var first = scores[0];
        first.PlusInPlace(forbidden);
    }

    public void Dispose() => forbidden.Dispose();
}
