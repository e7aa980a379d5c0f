using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Turns scores into proposals, for the rows of one decode or several together, in the memory where the scores are. It knows no
/// policy and no canvas.
/// </summary>
internal abstract class TokenProposer : IDisposable
{
    /// <summary>Creates the proposer that fits a model's scores.</summary>
    /// <param name="blocked">The ids that must not be proposed.</param>
    public static TokenProposer For(LoadedModel model, BlockedTokens blocked) =>
        model.UsesLibtorch ? new TensorProposer(blocked, model.Compute.Device) : new HostProposer(blocked);

    /// <summary>Proposes from a decode's own scores or from its verifier's, and applies the proposals.</summary>
    /// <param name="logits">(N, V), the scores of its call.</param>
    public void Apply(DecodeRun run, Scores logits)
    {
        ScoredRows rows = run.Rows(logits.Rows);
        run.Apply(logits, rows.Call.Verification is null ? Propose(logits, [rows])[0] : ProposeVerified(run.Draft!, logits, rows));
    }

    /// <summary>Proposes for every row of every part.</summary>
    /// <param name="logits">(ΣN, V); the parts' rows in order.</param>
    /// <returns>One array per part; its row i is for canvas position First + i.</returns>
    public abstract Proposal[][] Propose(Scores logits, IReadOnlyList<ScoredRows> parts);

    /// <summary>
    /// Proposals from the target of adaptive parallel decoding, p_T ∝ p_D^R · p_AR^(1−R), for the rows from the second on.
    /// </summary>
    /// <param name="diffusion">(M, V), the draft's scores.</param>
    /// <param name="autoregressive">(M, V), the verifier's scores for the same positions.</param>
    /// <param name="part">The verifying call's rows.</param>
    public abstract Proposal[] ProposeVerified(Scores diffusion, Scores autoregressive, ScoredRows part);

    /// <summary>The parts, each with the index of its first row.</summary>
    protected static IEnumerable<(ScoredRows Part, int Start)> Placed(IReadOnlyList<ScoredRows> parts)
    {
        int start = 0;
        foreach (ScoredRows part in parts)
        {
            yield return (part, start);
            start += part.Rows;
        }
    }

    public abstract void Dispose();
}

/// <summary>The scored rows of one decode.</summary>
/// <param name="Call">The call that was scored.</param>
/// <param name="Rows">Number of scored rows (N), at least those of the block.</param>
/// <param name="Temperature">0: the most probable token; above 0: sampling.</param>
/// <param name="Seed">Random seed for sampling.</param>
/// <param name="Processors">Modify the scores.</param>
internal sealed record ScoredRows(ScoreCall Call, int Rows, double Temperature, int Seed, IReadOnlyList<ILogitsProcessor> Processors)
{
    /// <summary>Canvas position of the first row.</summary>
    public int First { get; init; } = Call.First;
}
