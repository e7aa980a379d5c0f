using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Models.CpuKernels;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Proposes tokens from scores in host memory, row by row, without libtorch.</summary>
/// <param name="blocked">The ids that must not be proposed.</param>
internal sealed class HostProposer(BlockedTokens blocked) : TokenProposer
{
    private float[] work = []; // (V) a row's distribution

    public override Proposal[][] Propose(Scores logits, IReadOnlyList<ScoredRows> parts)
    {
        using HostScores scores = logits.OnHost();
        return [.. Placed(parts).Select(p => Propose(scores, p.Part, p.Start))];
    }

    private Proposal[] Propose(HostScores scores, ScoredRows part, int start)
    {
        var proposals = new Proposal[part.Rows];
        RowMixture[] mixtures = Mixtures(part);
        for (int row = 0; row < part.Rows; row++)
        {
            Span<float> probability = Distribution(scores.Row(start + row), part, row);
            Mix(probability, mixtures, row);
            (int likeliest, float top, float second) = TokenDistribution.TopTwo(probability);
            int id = part.Temperature > 0 ? TokenDistribution.Drawn(probability, part.Temperature, part.Seed, part.First + row) : likeliest;
            float confidence = probability[id];
            proposals[row] = new Proposal(part.First + row, id, confidence, confidence - (id == likeliest ? second : top), TokenDistribution.Entropy(probability));
        }
        return proposals;
    }

    public override Proposal[] ProposeVerified(Scores diffusion, Scores autoregressive, ScoredRows part)
    {
        using HostScores draft = diffusion.OnHost(), judged = autoregressive.OnHost();
        Verification how = part.Call.Verification!;
        int rows = part.Rows - 1, first = part.First + 1;
        using var target = new HostScores(rows, draft.Vocabulary);
        RowMixture[] mixtures = Mixtures(part);
        for (int row = 0; row < part.Rows; row++)
        {
            ReadOnlySpan<float> judge = Mixed(judged.Row(row), part, mixtures, row); // including the first row: a prior must be queried for every row in order
            if (row > 0) TokenDistribution.Weighted(draft.Row(row), judge, (float)how.Weight, target.Row(row - 1));
        }
        if (!how.IsGreedy) return Propose(target, part with { Rows = rows, First = first, Processors = [] }, 0);
        ReadOnlySpan<float> additions = blocked[part.Call.Allowed];
        var proposals = new Proposal[rows];
        for (int row = 0; row < rows; row++) // confidence is not needed
            proposals[row] = new Proposal(first + row, TokenDistribution.Likeliest(target.Row(row), additions), float.NaN, float.NaN, float.NaN);
        return proposals;
    }

    /// <summary>(V): one row's scores or, if something is interpolated, the logarithm of the mixture.</summary>
    private ReadOnlySpan<float> Mixed(ReadOnlySpan<float> scores, ScoredRows part, RowMixture[] mixtures, int row)
    {
        if (mixtures.Length == 0) return scores;
        Span<float> probability = Room(scores.Length);
        TokenDistribution.Softmax(scores, blocked[part.Call.Allowed], probability);
        if (!Mix(probability, mixtures, row)) return scores;
        TokenDistribution.Logarithm(probability);
        return probability;
    }

    /// <summary>(V): probabilities of the tokens allowed in a row.</summary>
    private Span<float> Distribution(ReadOnlySpan<float> scores, ScoredRows part, int row)
    {
        Span<float> probability = Room(scores.Length);
        float[] additions = blocked[part.Call.Allowed];
        if (row == 0)
            foreach (ILogitsProcessor processor in part.Processors)
                if (processor.AllowedFirst(part.Call) is { } only) additions = OnlyOf(additions, only);
        TokenDistribution.Softmax(scores, additions, probability);
        return probability;
    }

    /// <summary>(V): the additions for some ids, −∞ for all others.</summary>
    private static float[] OnlyOf(float[] additions, IReadOnlyList<int> ids)
    {
        var few = new float[additions.Length];
        Array.Fill(few, float.NegativeInfinity);
        foreach (int id in ids) few[id] = additions[id];
        return few;
    }

    private static RowMixture[] Mixtures(ScoredRows part) => [.. part.Processors.Select(p => p.Mixture(part.Call)).OfType<RowMixture>()];

    /// <returns>Whether anything was interpolated.</returns>
    private static bool Mix(Span<float> probability, RowMixture[] mixtures, int row)
    {
        bool isMixed = false;
        foreach (RowMixture mixture in mixtures)
        {
            if (row >= mixture.Rows) continue;
            (int id, float top, _) = TokenDistribution.TopTwo(probability);
            if (mixture.At(row, new TopToken(id, top)) is not { } prediction) continue;
            TokenDistribution.Mix(probability, prediction);
            isMixed = true;
        }
        return isMixed;
    }

    private Span<float> Room(int vocabulary)
    {
        if (work.Length < vocabulary) work = new float[vocabulary];
        return work.AsSpan(0, vocabulary);
    }

    public override void Dispose()
    {
    }
}
