using DiffusionLsp.Engine.Models;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Packs rows of several decodes into one forward and distributes the scores. If a shared forward fails, it is repeated for each decode
/// alone, so that only the one at fault fails. Runs on the decode thread.
/// </summary>
internal sealed class SharedForwards(TokenProposer proposer, ModelRunner runner)
{
    /// <summary>Forwards so far, and the rows in them.</summary>
    public (long Forwards, long Rows) Counted { get; private set; }

    /// <summary>Whether a decode's call can share a forward.</summary>
    public bool Takes(DecodeRun run) => run.CallScorer is RowScorer { Slot: not null } scorer && scorer.IsRunBy(runner);

    /// <summary>Executes the calls of decodes that can share forwards.</summary>
    /// <param name="mostRows">Maximum number of rows in a forward with more than one decode.</param>
    /// <param name="alone">Executes a decode's call by itself.</param>
    /// <param name="over">See <see cref="DecodeDriver.Round"/>.</param>
    public void Execute(IReadOnlyList<DecodeRun> runs, int mostRows, Action<DecodeRun> alone, Action<DecodeRun, Exception?> over)
    {
        foreach (List<Planned> pack in Packs(runs, mostRows, over)) Execute(pack, alone, over);
    }

    /// <summary>Plans are made just before their pack is executed, because a scorer must not plan the same forward twice.</summary>
    private static IEnumerable<List<Planned>> Packs(IReadOnlyList<DecodeRun> runs, int mostRows, Action<DecodeRun, Exception?> over)
    {
        var pack = new List<Planned>();
        int rows = 0;
        foreach (DecodeRun run in runs)
        {
            Planned? planned = null;
            run.Guarded(over, () => planned = new Planned(run, (RowScorer)run.CallScorer!, ((RowScorer)run.CallScorer!).Plan(run.Call!.Sequence, run.Call.Window)));
            if (planned is null) continue;
            if (pack.Count > 0 && rows + planned.Plan.Tokens.Length > mostRows)
            {
                yield return pack;
                (pack, rows) = ([], 0);
            }
            pack.Add(planned);
            rows += planned.Plan.Tokens.Length;
        }
        if (pack.Count > 0) yield return pack;
    }

    private void Execute(List<Planned> pack, Action<DecodeRun> alone, Action<DecodeRun, Exception?> over)
    {
        using var everybody = new Everybody([.. pack.Select(p => p.Run.Cancellation)]);
        Scores? logits = null;
        try
        {
            logits = pack.Count == 1
                ? runner.Score(pack[0].Plan, pack[0].Scorer.Slot, pack[0].Scorer.Computed, everybody.HaveLeft)
                : runner.ScoreTogether([.. pack.Select(p => (p.Scorer.Slot!, p.Plan))], () => pack.ForEach(p => p.Scorer.Computed()), everybody.HaveLeft);
            if (pack.Count > 1) Counted = (Counted.Forwards + 1, Counted.Rows + pack.Sum(p => p.Plan.Tokens.Length));
        }
        catch (Exception e) when (pack.Count == 1 || e is OperationCanceledException)
        {
            pack.ForEach(p => over(p.Run, e));
            return;
        }
        catch
        {
            pack.ForEach(p => p.Run.Guarded(over, () => alone(p.Run)));
            return;
        }
        using (logits) Apply(pack, logits, over);
    }

    private void Apply(List<Planned> pack, Scores logits, Action<DecodeRun, Exception?> over)
    {
        DecodeRun[] runs = [.. pack.Select(p => p.Run)];
        Scores[] scores = Split(logits, pack);
        try
        {
            Proposal[]?[] proposals = ProposedTogether(runs, scores, logits);
            for (int i = 0; i < runs.Length; i++)
            {
                (DecodeRun run, Scores own, Proposal[]? ready) = (runs[i], scores[i], proposals[i]);
                run.Guarded(over, () =>
                {
                    if (ready is not null) run.Apply(own, ready);
                    else proposer.Apply(run, own);
                });
            }
        }
        finally
        {
            foreach (Scores own in scores) own.Dispose();
        }
    }

    private static Scores[] Split(Scores logits, List<Planned> pack)
    {
        int start = 0;
        return [.. pack.Select(p => logits.Slice((start += p.Plan.Scored) - p.Plan.Scored, p.Plan.Scored))];
    }

    /// <summary>Copies to the host once for all decodes that propose from their own scores; null for those that verify, and for all if it fails, since proposing alone shows which is at fault.</summary>
    private Proposal[]?[] ProposedTogether(DecodeRun[] runs, Scores[] scores, Scores logits)
    {
        var proposals = new Proposal[]?[runs.Length];
        int[] plain = [.. Enumerable.Range(0, runs.Length).Where(i => runs[i].Call!.Verification is null)];
        if (plain.Length == 0) return proposals;
        try
        {
            using Scores? some = plain.Length == runs.Length ? null : Scores.Joined([.. plain.Select(i => scores[i])]);
            Proposal[][] made = proposer.Propose(some ?? logits, [.. plain.Select(i => runs[i].Rows(scores[i].Rows))]);
            for (int i = 0; i < plain.Length; i++) proposals[plain[i]] = made[i];
        }
        catch
        {
            // Each then proposes alone.
        }
        return proposals;
    }

    private sealed record Planned(DecodeRun Run, RowScorer Scorer, RowPlan Plan);

    /// <summary>Cancels a shared forward only when all of its decodes are cancelled.</summary>
    private sealed class Everybody : IDisposable
    {
        private readonly CancellationTokenSource left = new();
        private readonly CancellationTokenRegistration[] registrations;
        private int present;

        public Everybody(CancellationToken[] tokens)
        {
            present = tokens.Length;
            registrations = [.. tokens.Select(token => token.UnsafeRegister(_ =>
            {
                if (Interlocked.Decrement(ref present) == 0) left.Cancel();
            }, null))];
        }

        public CancellationToken HaveLeft => left.Token;

        public void Dispose()
        {
            foreach (CancellationTokenRegistration registration in registrations) registration.Dispose();
            left.Dispose();
        }
    }
}
