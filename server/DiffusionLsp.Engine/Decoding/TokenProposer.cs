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
    private readonly Tensor blocked;
    private readonly bool ownsBlocked;
    private readonly double temperature;
    private readonly int seed;
    private readonly Generator? generator;

    /// <param name="blocked">What <see cref="Blocked"/> made for the model. Not owned.</param>
    /// <param name="temperature">0: the most probable token; above: a sample (Gumbel-max) from the scores divided by it.</param>
    public TokenProposer(Tensor blocked, double temperature, int seed)
    {
        (this.blocked, this.temperature, this.seed) = (blocked, temperature, seed);
        generator = temperature > 0 ? new Generator((ulong)seed, blocked.device) : null;
    }

    /// <summary>A proposer with its own <see cref="Blocked"/>, for a single decode.</summary>
    public TokenProposer(int vocabularySize, IEnumerable<int> never, double temperature, int seed, Device device)
        : this(Blocked(vocabularySize, never, device), temperature, seed) => ownsBlocked = true;

    /// <summary>(V): 0, or −∞ for ids that are never text. Depends on the model alone; the caller disposes it.</summary>
    /// <param name="never">Ids that may not be proposed: the mask and every special token but end-of-text.</param>
    public static Tensor Blocked(int vocabularySize, IEnumerable<int> never, Device device)
    {
        var additions = new float[vocabularySize];
        foreach (int id in never) additions[id] = float.NegativeInfinity;
        return tensor(additions, device: device).DetachFromDisposeScope();
    }

    /// <summary>A proposal for every masked position.</summary>
    /// <param name="logits">(N, V), any type; row i scores canvas position <paramref name="first"/> + i.</param>
    /// <param name="beliefs">What is known besides of the first tokens; null or fewer: nothing.</param>
    public Proposal[] Propose(Tensor logits, Canvas canvas, int first, IReadOnlyList<Belief?>? beliefs = null)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        var scores = logits.to(ScalarType.Float32).Plus(blocked);
        var logProbability = scores.log_softmax(-1); // (N, V)
        var probability = logProbability.exp();
        for (int row = 0; row < beliefs?.Count; row++)
            if (beliefs[row] is { } belief)
            {
                Mix(probability[row], belief);
                logProbability[row].copy_(probability[row].log());
            }
        var (top, topIds) = probability.topk(2, dim: -1); // (N, 2)
        var ids = topIds.select(1, 0);
        if (generator is not null)
        {
            var uniform = stack([.. Enumerable.Range(first, (int)scores.shape[0]).Select(position => Uniform(position, generator, scores.device))]).AtLeast(1e-20);
            ids = logProbability.Times(1 / temperature).Minus((-uniform.log()).log()).argmax(-1);
        }
        var confidence = probability.gather(1, ids.unsqueeze(1)).squeeze(1);
        var runnerUp = where(ids == topIds.select(1, 0), top.select(1, 1), top.select(1, 0));
        // 0 · −∞ is NaN: blocked tokens have no share in the entropy.
        var entropy = -(probability * logProbability.AtLeast(-1e4)).sum(-1);
        float[] packed = stack([ids.to(ScalarType.Float32), confidence, confidence.Minus(runnerUp), entropy]).cpu().data<float>().ToArray(); // (4, N)

        int rows = (int)logits.shape[0];
        var proposals = new List<Proposal>(rows);
        for (int i = 0; i < rows; i++)
            if (canvas.IsMasked(first + i))
                proposals.Add(new Proposal(first + i, (int)packed[i], packed[rows + i], packed[2 * rows + i], packed[3 * rows + i]));
        return [.. proposals];
    }

    /// <summary>The most probable token of every row, whatever the temperature.</summary>
    /// <param name="logits">(N, V), any type</param>
    public int[] Likeliest(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return [.. logits.to(ScalarType.Float32).Plus(blocked).argmax(-1).cpu().data<long>().Select(id => (int)id)];
    }

    /// <summary>
    /// (V) uniform numbers that depend on seed and position alone. So a position keeps its noise from step to step, and two
    /// distributions over it are drawn from with shared noise (the coupling of APD).
    /// </summary>
    private Tensor Uniform(int position, Generator generator, Device device)
    {
        generator.manual_seed(unchecked(seed * 1_000_003L + position));
        return rand([blocked.shape[0]], generator: generator, device: device);
    }

    /// <summary>p ← (1 − λ) · p + λ · belief, in place.</summary>
    /// <param name="probability">(V)</param>
    private static void Mix(Tensor probability, Belief belief)
    {
        var ids = tensor(belief.Tokens.Select(t => (long)t.Token).ToArray(), device: probability.device);
        var shares = tensor(belief.Tokens.Select(t => (float)(t.Share * belief.Weight)).ToArray(), device: probability.device);
        probability.copy_(probability.Times(1 - belief.Weight).scatter_add(0, ids, shares));
    }

    public void Dispose()
    {
        if (ownsBlocked) blocked.Dispose();
        generator?.Dispose();
    }
}
