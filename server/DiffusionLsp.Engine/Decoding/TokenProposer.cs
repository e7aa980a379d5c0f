using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Turns scores into proposals, for the rows of one decode or of several together, with one copy from the device to the host.
/// It knows no policy and no canvas.
/// </summary>
/// <param name="blocked">Which ids are never text. Not owned.</param>
internal sealed class TokenProposer(BlockedTokens blocked) : IDisposable
{
    private Generator? generator; // made with the first sample

    /// <summary>Proposes from a decode's own scores, or from what verifies them, and lets it apply that.</summary>
    /// <param name="logits">(N, V), of its call.</param>
    public void Apply(DecodeRun run, Tensor logits)
    {
        ScoredRows rows = run.Rows((int)logits.shape[0]);
        run.Apply(logits, rows.Call.Verification is null ? Propose(logits, [rows])[0] : ProposeVerified(run.Draft!, logits, rows));
    }

    /// <summary>A proposal for every row of every part.</summary>
    /// <param name="logits">(ΣN, V), any type; the parts' rows one after the other.</param>
    /// <returns>One array per part; its row i is for canvas position First + i.</returns>
    public Proposal[][] Propose(Tensor logits, IReadOnlyList<ScoredRows> parts)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        var scores = Allowed(logits.to(ScalarType.Float32), parts);
        var logProbability = scores.log_softmax(-1); // (ΣN, V)
        var probability = logProbability.exp();
        foreach ((ScoredRows part, int start) in Placed(parts))
            foreach (int row in part.Mix(probability.narrow(0, start, part.Rows))) logProbability[start + row].copy_(probability[start + row].log());
        var (top, topIds) = probability.topk(2, dim: -1); // (ΣN, 2)
        var likeliest = topIds.select(1, 0);
        var ids = parts.Any(p => p.Temperature > 0) ? Drawn(likeliest, logProbability, parts) : likeliest;
        var confidence = probability.gather(1, ids.unsqueeze(1)).squeeze(1);
        var runnerUp = where(ids == likeliest, top.select(1, 1), top.select(1, 0));
        // 0 · −∞ is NaN: blocked tokens have no share in the entropy.
        var entropy = -(probability * logProbability.AtLeast(-1e4)).sum(-1);
        float[] packed = stack([ids.to(ScalarType.Float32), confidence, confidence.Minus(runnerUp), entropy]).cpu().data<float>().ToArray(); // (4, ΣN)
        int rows = packed.Length / 4;
        Proposal At(int row, int position) => new(position, (int)packed[row], packed[rows + row], packed[2 * rows + row], packed[3 * rows + row]);
        return [.. Placed(parts).Select(p => Enumerable.Range(0, p.Part.Rows).Select(i => At(p.Start + i, p.Part.First + i)).ToArray())];
    }

    /// <summary>
    /// Proposals from the target of adaptive parallel decoding, p_T ∝ p_D^R · p_AR^(1−R), for the rows from the second on.
    /// </summary>
    /// <param name="diffusion">(M, V), the draft's scores</param>
    /// <param name="autoregressive">(M, V), for the same positions</param>
    /// <param name="part">The verifying call's rows.</param>
    public Proposal[] ProposeVerified(Tensor diffusion, Tensor autoregressive, ScoredRows part)
    {
        using var noGradient = inference_mode();
        using var scope = NewDisposeScope();
        Verification how = part.Call.Verification!;
        int rows = part.Rows - 1;
        var judged = Mixed(autoregressive.to(ScalarType.Float32), part).narrow(0, 1, rows);
        // Scores, not log-probabilities: they differ by a constant per row, which no argmax sees.
        var target = diffusion.narrow(0, 1, rows).to(ScalarType.Float32).Times(how.Weight).Plus(judged.Times(1 - how.Weight));
        int first = part.First + 1;
        return how.IsGreedy ? Likeliest(target, part.Call.Allowed, first) : Propose(target, [part with { Rows = rows, First = first, Processors = [] }])[0];
    }

    /// <summary>The most probable token of every row, of equals the first; how sure it is is not asked for.</summary>
    private Proposal[] Likeliest(Tensor scores, TokenSet allowed, int first) =>
        [.. scores.Plus(blocked[allowed]).argmax(-1).cpu().data<long>().Select((id, row) => new Proposal(first + row, (int)id, float.NaN, float.NaN, float.NaN))];

    /// <summary>(M, V): the scores, where something is mixed in the logarithm of the mixture.</summary>
    private Tensor Mixed(Tensor scores, ScoredRows part)
    {
        if (part.Processors.Count == 0) return scores;
        var probability = scores.Plus(blocked[part.Call.Allowed]).softmax(-1);
        var mixed = scores.clone();
        foreach (int row in part.Mix(probability)) mixed[row].copy_(probability[row].log().AtLeast(-1e4)); // finite: a blocked token times a weight of 0 would be NaN
        return mixed;
    }

    /// <summary>A copy of the scores with −∞ for what may not be proposed.</summary>
    private Tensor Allowed(Tensor scores, IReadOnlyList<ScoredRows> parts)
    {
        TokenSet[] sets = [.. parts.Select(p => p.Call.Allowed).Distinct()];
        var allowed = sets.Length == 1
            ? scores.Plus(blocked[sets[0]])
            : cat([.. Placed(parts).Select(p => scores.narrow(0, p.Start, p.Part.Rows).Plus(blocked[p.Part.Call.Allowed]))], dim: 0);
        foreach ((ScoredRows part, int start) in Placed(parts))
            foreach (ILogitsProcessor processor in part.Processors) processor.Constrain(allowed.narrow(0, start, part.Rows), part.Call);
        return allowed;
    }

    /// <summary>(ΣN): with a temperature a sample (Gumbel-max) from the scores divided by it, else the likeliest.</summary>
    private Tensor Drawn(Tensor likeliest, Tensor logProbability, IReadOnlyList<ScoredRows> parts) => cat([.. Placed(parts).Select(p =>
    {
        if (p.Part.Temperature == 0) return likeliest.narrow(0, p.Start, p.Part.Rows);
        var own = logProbability.narrow(0, p.Start, p.Part.Rows);
        var uniform = stack([.. Enumerable.Range(p.Part.First, p.Part.Rows).Select(position => Uniform(position, p.Part.Seed, own))]).AtLeast(1e-20);
        return own.Times(1 / p.Part.Temperature).Minus((-uniform.log()).log()).argmax(-1);
    })], dim: 0);

    /// <summary>
    /// (V) uniform numbers that depend on seed and position alone. So a position keeps its noise from step to step and in any
    /// company, and two distributions over it are drawn from with shared noise (the coupling of APD).
    /// </summary>
    private Tensor Uniform(int position, int seed, Tensor like)
    {
        generator ??= new Generator(0, like.device);
        generator.manual_seed(unchecked(seed * 1_000_003L + position));
        return rand([like.shape[1]], generator: generator, device: like.device);
    }

    private static IEnumerable<(ScoredRows Part, int Start)> Placed(IReadOnlyList<ScoredRows> parts)
    {
        int start = 0;
        foreach (ScoredRows part in parts)
        {
            yield return (part, start);
            start += part.Rows;
        }
    }

    public void Dispose() => generator?.Dispose();
}

/// <summary>The scored rows of one decode.</summary>
/// <param name="Call">What was asked for.</param>
/// <param name="Rows">How many were scored (N): at least those of the block.</param>
/// <param name="Temperature">0: the most probable token; above: a sample.</param>
/// <param name="Seed">Of the samples.</param>
/// <param name="Processors">What changes the scores.</param>
internal sealed record ScoredRows(ScoreCall Call, int Rows, double Temperature, int Seed, IReadOnlyList<ILogitsProcessor> Processors)
{
    /// <summary>Canvas position of the first row.</summary>
    public int First { get; init; } = Call.First;

    /// <summary>Lets every processor mix.</summary>
    /// <param name="probability">(N, V), changed in place</param>
    /// <returns>The rows that changed.</returns>
    public IReadOnlyList<int> Mix(Tensor probability) => [.. Processors.SelectMany(processor => processor.Mix(probability, Call)).Distinct()];
}
