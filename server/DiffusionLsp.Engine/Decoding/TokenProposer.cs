using DiffusionLsp.Engine.Decoding.Memory;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Turns scores into proposals, with one copy from the device to the host per step. Knows which ids are never text.
/// It knows no policy.
/// </summary>
internal sealed class TokenProposer : IDisposable
{
    private readonly Tensor blocked; // (V): 0, or −∞ for ids that are never text
    private readonly double temperature;
    private readonly Generator? generator;

    /// <param name="never">Ids that may not be proposed: the mask and every special token but end-of-text.</param>
    /// <param name="temperature">0: the most probable token; above: a sample (Gumbel-max) from the scores divided by it.</param>
    public TokenProposer(int vocabularySize, IEnumerable<int> never, double temperature, int seed, Device device)
    {
        var additions = new float[vocabularySize];
        foreach (int id in never) additions[id] = float.NegativeInfinity;
        blocked = tensor(additions, device: device).DetachFromDisposeScope();
        this.temperature = temperature;
        generator = temperature > 0 ? new Generator((ulong)seed, device) : null;
    }

    /// <summary>A proposal for every masked position.</summary>
    /// <param name="logits">(N, V), any type; row i scores canvas position <paramref name="first"/> + i.</param>
    /// <param name="guess">What is known besides of the token at <paramref name="first"/>; null: nothing.</param>
    public Proposal[] Propose(Tensor logits, Canvas canvas, int first, Guess? guess = null)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        var scores = logits.to(ScalarType.Float32) + blocked;
        var logProbability = scores.log_softmax(-1); // (N, V)
        var probability = logProbability.exp();
        if (guess is not null)
        {
            Mix(probability[0], guess);
            logProbability = probability.log();
        }
        var (top, topIds) = probability.topk(2, dim: -1); // (N, 2)
        var ids = topIds.select(1, 0);
        if (generator is not null)
        {
            var uniform = rand(scores.shape, generator: generator, device: scores.device).clamp(1e-20, 1);
            ids = (logProbability.Times(1 / temperature) - (-uniform.log()).log()).argmax(-1);
        }
        var confidence = probability.gather(1, ids.unsqueeze(1)).squeeze(1);
        var runnerUp = where(ids == topIds.select(1, 0), top.select(1, 1), top.select(1, 0));
        // 0 · −∞ is NaN: blocked tokens have no share in the entropy.
        var entropy = -(probability * logProbability.AtLeast(-1e4)).sum(-1);
        float[] packed = stack([ids.to(ScalarType.Float32), confidence, confidence - runnerUp, entropy]).cpu().data<float>().ToArray(); // (4, N)

        int rows = (int)logits.shape[0];
        var proposals = new List<Proposal>(rows);
        for (int i = 0; i < rows; i++)
            if (canvas.IsMasked(first + i))
                proposals.Add(new Proposal(first + i, (int)packed[i], packed[rows + i], packed[2 * rows + i], packed[3 * rows + i]));
        return [.. proposals];
    }

    /// <summary>p ← (1 − λ) · p + λ · guess, in place.</summary>
    /// <param name="probability">(V)</param>
    private static void Mix(Tensor probability, Guess guess)
    {
        var ids = tensor(guess.Tokens.Select(t => (long)t.Token).ToArray(), device: probability.device);
        var shares = tensor(guess.Tokens.Select(t => (float)(t.Share * guess.Weight)).ToArray(), device: probability.device);
        probability.copy_(probability.Times(1 - guess.Weight).index_add(0, ids, shares, 1));
    }

    public void Dispose()
    {
        blocked.Dispose();
        generator?.Dispose();
    }
}
