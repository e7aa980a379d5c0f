using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Processors;

/// <summary>Changes what is proposed in some rows of a request, whatever decoder asked for them.</summary>
internal interface ILogitsProcessor
{
    /// <summary>Forbids tokens.</summary>
    /// <param name="scores">(N, V) float32, changed in place: −∞ for what is forbidden.</param>
    void Constrain(Tensor scores, ScoreCall call)
    {
    }

    /// <summary>Mixes another distribution in.</summary>
    /// <param name="probability">(N, V) float32, changed in place; each row sums to 1 before and after.</param>
    /// <returns>The rows that changed.</returns>
    IEnumerable<int> Mix(Tensor probability, ScoreCall call) => [];
}
