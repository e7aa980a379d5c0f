using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>The n-gram model of the open text as verifier: it costs no forward and knows the user's names, and little else.</summary>
/// <param name="mark">A token that is no text and says where the hole begins; null: there is none.</param>
internal sealed class NgramScorer(NgramModel model, Device device, int? mark = null) : IAutoregressiveScorer
{
    public Tensor Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
    {
        int marked = mark is { } id ? sequence[..start].LastIndexOf(id) : -1;
        ReadOnlySpan<int> text = marked < 0 ? sequence : [.. sequence[..marked], .. sequence[(marked + 1)..]];
        int from = marked < 0 ? start : start - 1;
        model.Follow(text[..from]); // the draft is no evidence of itself
        int rows = text.Length - from + 1;
        var scores = new float[rows * model.Vocabulary];
        for (int i = 0; i < rows; i++)
        {
            double[] probability = model.Distribution(text[..(from + i)]);
            for (int v = 0; v < probability.Length; v++) scores[i * model.Vocabulary + v] = (float)Math.Log(probability[v]);
        }
        return tensor(scores, [rows, model.Vocabulary], device: device);
    }
}
