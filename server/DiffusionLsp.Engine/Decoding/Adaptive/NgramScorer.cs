using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>The n-gram model of the open text as verifier: it costs no forward and knows the user's names, and little else.</summary>
internal sealed class NgramScorer(NgramModel model, Device device) : IAutoregressiveScorer
{
    public bool ReadsText => true;

    public Tensor Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
    {
        model.Follow(sequence[..start]); // the draft is no evidence of itself
        int rows = sequence.Length - start + 1;
        var scores = new float[rows * model.Vocabulary];
        for (int i = 0; i < rows; i++)
        {
            double[] probability = model.Distribution(sequence[..(start + i)]);
            for (int v = 0; v < probability.Length; v++) scores[i * model.Vocabulary + v] = (float)Math.Log(probability[v]);
        }
        return tensor(scores, [rows, model.Vocabulary], device: device);
    }
}
