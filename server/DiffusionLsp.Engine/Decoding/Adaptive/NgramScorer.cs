using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;

namespace DiffusionLsp.Engine.Decoding.Adaptive;

/// <summary>Verifies with an n-gram model of the open file: it costs no forward and knows the file's identifiers, but little else.</summary>
internal sealed class NgramScorer(NgramModel model) : IAutoregressiveScorer
{
    public bool ReadsText => true;

    public Scores Score(ReadOnlySpan<int> sequence, int start, CancellationToken cancellation)
    {
        model.Follow(sequence[..start]); // the draft must not count as evidence for itself
        var scores = new HostScores(sequence.Length - start + 1, model.Vocabulary);
        for (int i = 0; i < scores.Rows; i++)
        {
            double[] probability = model.Distribution(sequence[..(start + i)]);
            Span<float> row = scores.Row(i);
            for (int v = 0; v < probability.Length; v++) row[v] = (float)Math.Log(probability[v]);
        }
        return scores;
    }
}
