using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.Steps;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Proposes tokens from scores in tensors, with one copy from the device to the host.</summary>
/// <param name="blocked">The ids that must not be proposed.</param>
/// <param name="device">Where the scores are.</param>
internal sealed class TensorProposer(BlockedTokens blocked, Device device) : TokenProposer
{
    private readonly BlockedTensors blockedTensors = new(blocked, device);
    private Generator? generator; // created for the first sample

    public override Proposal[][] Propose(Scores logits, IReadOnlyList<ScoredRows> parts)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        return (logits is StepScores step && parts.All(IsPlain) ? Propose(step, parts) : null) ?? Propose(logits.On(device), parts);
    }

    /// <summary>Whether the model's own scores decide, without sampling.</summary>
    private static bool IsPlain(ScoredRows part) => part.Temperature == 0 && part.Processors.All(p => p.AllowedFirst(part.Call) is null && p.Mixture(part.Call) is null);

    /// <returns>Null: the device failed.</returns>
    private Proposal[][]? Propose(StepScores scores, IReadOnlyList<ScoredRows> parts)
    {
        RowStatistics[]? rows = scores.Statistics([.. parts.SelectMany(part => Enumerable.Repeat((int)part.Call.Allowed, part.Rows))], blockedTensors.Bits);
        if (rows is null) return null;
        Proposal At(RowStatistics row, int position) => new(position, row.Best, row.Confidence, row.Confidence - row.RunnerUp, row.Entropy);
        return [.. Placed(parts).Select(p => Enumerable.Range(0, p.Part.Rows).Select(i => At(rows[p.Start + i], p.Part.First + i)).ToArray())];
    }

    /// <param name="logits">(ΣN, V), any type</param>
    private Proposal[][] Propose(Tensor logits, IReadOnlyList<ScoredRows> parts)
    {
        var scores = Allowed(logits.to(ScalarType.Float32), parts);
        var logProbability = scores.log_softmax(-1); // (ΣN, V)
        var probability = logProbability.exp();
        foreach ((ScoredRows part, int start) in Placed(parts))
            foreach (int row in Mix(probability.narrow(0, start, part.Rows), part)) logProbability[start + row].copy_(probability[start + row].log());
        var (top, topIds) = probability.topk(2, dim: -1); // (ΣN, 2)
        var likeliest = topIds.select(1, 0);
        var ids = parts.Any(p => p.Temperature > 0) ? Drawn(likeliest, logProbability, parts) : likeliest;
        var confidence = probability.gather(1, ids.unsqueeze(1)).squeeze(1);
        var runnerUp = where(ids == likeliest, top.select(1, 1), top.select(1, 0));
        // Clamped because 0 · −∞ is NaN: blocked tokens contribute nothing to the entropy.
        var entropy = -(probability * logProbability.AtLeast(-1e4)).sum(-1);
        float[] packed = stack([ids.to(ScalarType.Float32), confidence, confidence.Minus(runnerUp), entropy]).cpu().data<float>().ToArray(); // (4, ΣN)
        int rows = packed.Length / 4;
        Proposal At(int row, int position) => new(position, (int)packed[row], packed[rows + row], packed[2 * rows + row], packed[3 * rows + row]);
        return [.. Placed(parts).Select(p => Enumerable.Range(0, p.Part.Rows).Select(i => At(p.Start + i, p.Part.First + i)).ToArray())];
    }

    public override Proposal[] ProposeVerified(Scores diffusion, Scores autoregressive, ScoredRows part)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        Verification how = part.Call.Verification!;
        int rows = part.Rows - 1;
        var judged = Mixed(autoregressive.On(device).to(ScalarType.Float32), part).narrow(0, 1, rows);
        // Raw scores suffice: log-probabilities differ by a constant per row, which does not change the argmax.
        var target = diffusion.On(device).narrow(0, 1, rows).to(ScalarType.Float32).Times(how.Weight).Plus(judged.Times(1 - how.Weight));
        int first = part.First + 1;
        return how.IsGreedy ? Likeliest(target, part.Call.Allowed, first) : Propose(target, [part with { Rows = rows, First = first, Processors = [] }])[0];
    }

    /// <summary>The most probable token of every row, ties to the lowest id; confidence is not needed.</summary>
    private Proposal[] Likeliest(Tensor scores, TokenSet allowed, int first) =>
        [.. scores.Plus(blockedTensors[allowed]).argmax(-1).cpu().data<long>().Select((id, row) => new Proposal(first + row, (int)id, float.NaN, float.NaN, float.NaN))];

    /// <summary>(M, V): the scores or, where something is interpolated, the logarithm of the mixture.</summary>
    private Tensor Mixed(Tensor scores, ScoredRows part)
    {
        if (part.Processors.Count == 0) return scores;
        var probability = scores.Plus(blockedTensors[part.Call.Allowed]).softmax(-1);
        var mixed = scores.clone();
        foreach (int row in Mix(probability, part)) mixed[row].copy_(probability[row].log().AtLeast(-1e4)); // finite: a blocked token times a weight of 0 would be NaN
        return mixed;
    }

    /// <summary>A copy of the scores with −∞ for tokens that must not be proposed.</summary>
    private Tensor Allowed(Tensor scores, IReadOnlyList<ScoredRows> parts)
    {
        TokenSet[] sets = [.. parts.Select(p => p.Call.Allowed).Distinct()];
        var allowed = sets.Length == 1
            ? scores.Plus(blockedTensors[sets[0]])
            : cat([.. Placed(parts).Select(p => scores.narrow(0, p.Start, p.Part.Rows).Plus(blockedTensors[p.Part.Call.Allowed]))], dim: 0);
        foreach ((ScoredRows part, int start) in Placed(parts))
            foreach (ILogitsProcessor processor in part.Processors)
                if (processor.AllowedFirst(part.Call) is { } only) allowed[start].PlusInPlace(AllBut(only, allowed.shape[1]));
        return allowed;
    }

    /// <summary>(V): 0 for some ids, −∞ for all others.</summary>
    private Tensor AllBut(IReadOnlyList<int> ids, long vocabulary)
    {
        var additions = new float[vocabulary];
        Array.Fill(additions, float.NegativeInfinity);
        foreach (int id in ids) additions[id] = 0;
        return tensor(additions, device: device);
    }

    /// <summary>Interpolates every processor's prediction.</summary>
    /// <param name="probability">(N, V) float32, modified in place; each row sums to 1 before and after.</param>
    /// <returns>The rows that changed.</returns>
    private HashSet<int> Mix(Tensor probability, ScoredRows part)
    {
        var changed = new HashSet<int>();
        foreach (RowMixture mixture in part.Processors.Select(p => p.Mixture(part.Call)).OfType<RowMixture>())
        {
            TopToken[] top = Top(probability.narrow(0, 0, mixture.Rows));
            for (int row = 0; row < mixture.Rows; row++)
                if (mixture.At(row, top[row]) is { } prediction)
                {
                    Mix(probability[row], prediction);
                    changed.Add(row);
                }
        }
        return changed;
    }

    /// <param name="probability">(N, V)</param>
    private static TopToken[] Top(Tensor probability)
    {
        var (values, ids) = probability.max(-1);
        return [.. ids.cpu().data<long>().Zip(values.cpu().data<float>(), (id, value) => new TopToken((int)id, value))];
    }

    /// <param name="probability">(V)</param>
    private static void Mix(Tensor probability, NgramPrediction prediction)
    {
        var ids = tensor(prediction.Tokens.Select(t => (long)t.Token).ToArray(), device: probability.device);
        var shares = tensor(prediction.Tokens.Select(t => (float)(t.Share * prediction.Weight)).ToArray(), device: probability.device);
        probability.copy_(probability.Times(1 - prediction.Weight).scatter_add(0, ids, shares));
    }

    /// <summary>(ΣN): at a temperature above 0, a sample (Gumbel-max) from the scores divided by it; else the most probable token.</summary>
    private Tensor Drawn(Tensor likeliest, Tensor logProbability, IReadOnlyList<ScoredRows> parts) => cat([.. Placed(parts).Select(p =>
    {
        if (p.Part.Temperature == 0) return likeliest.narrow(0, p.Start, p.Part.Rows);
        var own = logProbability.narrow(0, p.Start, p.Part.Rows);
        var uniform = stack([.. Enumerable.Range(p.Part.First, p.Part.Rows).Select(position => Uniform(position, p.Part.Seed, own))]).AtLeast(1e-20);
        return own.Times(1 / p.Part.Temperature).Minus((-uniform.log()).log()).argmax(-1);
    })], dim: 0);

    /// <summary>
    /// (V) uniform random numbers that depend only on seed and position. So a position keeps its noise between steps and in any batch,
    /// and two distributions over it are sampled with shared noise (the coupling of APD).
    /// </summary>
    private Tensor Uniform(int position, int seed, Tensor like)
    {
        generator ??= new Generator(0, like.device);
        generator.manual_seed(unchecked(seed * 1_000_003L + position));
        return rand([like.shape[1]], generator: generator, device: like.device);
    }

    public override void Dispose()
    {
        generator?.Dispose();
        blockedTensors.Dispose();
    }
}
