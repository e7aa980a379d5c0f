using DiffusionLsp.Engine.Models;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// Drives decodes, one or several: plan, execute, propose, apply. What can share a forward does. It knows no decoder, no
/// policy and no request. Runs on the device thread.
/// </summary>
/// <param name="runner">Executes shared forwards; null: nothing is shared.</param>
internal sealed class DecodeDriver(TokenProposer proposer, ModelRunner? runner = null)
{
    /// <summary>Most rows of a shared forward: about as many as cost no more than one on a GPU that waits for its host (docs/PERFORMANCE.md).</summary>
    public int MostRows { get; init; } = 512;

    /// <summary>Forwards that several decodes shared so far, and the rows fed in them.</summary>
    public (long Forwards, long Rows) Shared { get; private set; }

    /// <summary>Drives one decode to its end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Complete(DecodeRun run)
    {
        while (run.Plan()) Execute(run);
    }

    /// <summary>Takes every decode one forward further.</summary>
    /// <param name="over">Told which of them has ended, and the error or cancellation that ended it, or null. It must not throw.</param>
    public void Round(IReadOnlyList<DecodeRun> runs, Action<DecodeRun, Exception?> over)
    {
        var waiting = new List<DecodeRun>();
        foreach (DecodeRun run in runs)
            Guarded(run, over, () =>
            {
                if (run.Plan()) waiting.Add(run);
                else over(run, null);
            });
        DecodeRun[] sharing = waiting.Count > 1 ? [.. waiting.Where(CanShare)] : [];
        foreach (DecodeRun run in waiting.Except(sharing)) Guarded(run, over, () => Execute(run));
        foreach (List<Planned> pack in Packs(sharing, over)) Execute(pack, over);
    }

    private void Execute(DecodeRun run)
    {
        ScoreCall call = run.Call!;
        using Tensor logits = run.CallScorer is { } scorer
            ? scorer.Score(call.Sequence, call.Window with { Cancellation = run.Cancellation })
            : run.Verifier!.Score(call.Sequence, call.Window.Start, run.Cancellation);
        Apply(run, logits);
    }

    private bool CanShare(DecodeRun run) => runner is not null && run.CallScorer is RowScorer { Slot: not null } scorer && scorer.IsRunBy(runner);

    /// <summary>Plans are made when their pack is executed: a scorer must not be asked twice for one forward.</summary>
    private IEnumerable<List<Planned>> Packs(IReadOnlyList<DecodeRun> runs, Action<DecodeRun, Exception?> over)
    {
        var pack = new List<Planned>();
        int rows = 0;
        foreach (DecodeRun run in runs)
        {
            Planned? planned = null;
            Guarded(run, over, () => planned = new Planned(run, (RowScorer)run.CallScorer!, ((RowScorer)run.CallScorer!).Plan(run.Call!.Sequence, run.Call.Window)));
            if (planned is null) continue;
            if (pack.Count > 0 && rows + planned.Plan.Tokens.Length > MostRows)
            {
                yield return pack;
                (pack, rows) = ([], 0);
            }
            pack.Add(planned);
            rows += planned.Plan.Tokens.Length;
        }
        if (pack.Count > 0) yield return pack;
    }

    private void Execute(List<Planned> pack, Action<DecodeRun, Exception?> over)
    {
        using var everybody = new Everybody([.. pack.Select(p => p.Run.Cancellation)]);
        Tensor? logits = null;
        try
        {
            logits = pack.Count == 1
                ? runner!.Score(pack[0].Plan, pack[0].Scorer.Slot, pack[0].Scorer.Computed, everybody.HaveLeft)
                : runner!.ScoreTogether([.. pack.Select(p => (p.Scorer.Slot!, p.Plan))], () => pack.ForEach(p => p.Scorer.Computed()), everybody.HaveLeft);
            if (pack.Count > 1) Shared = (Shared.Forwards + 1, Shared.Rows + pack.Sum(p => p.Plan.Tokens.Length));
        }
        catch (Exception e) when (pack.Count == 1 || e is OperationCanceledException)
        {
            pack.ForEach(p => over(p.Run, e));
            return;
        }
        catch
        {
            pack.ForEach(p => Guarded(p.Run, over, () => Execute(p.Run))); // alone, so that only who is at fault fails
            return;
        }
        using (logits) ApplyTogether(pack, logits, over);
    }

    private void ApplyTogether(List<Planned> pack, Tensor logits, Action<DecodeRun, Exception?> over)
    {
        using var scope = NewDisposeScope();
        DecodeRun[] runs = [.. pack.Select(p => p.Run)];
        Tensor[] scores = [.. logits.split([.. pack.Select(p => (long)p.Plan.Scored)])];
        Proposal[]?[] proposals = ProposedTogether(runs, scores, logits);
        for (int i = 0; i < runs.Length; i++)
        {
            (DecodeRun run, Tensor own, Proposal[]? ready) = (runs[i], scores[i], proposals[i]);
            Guarded(run, over, () =>
            {
                if (ready is not null) run.Apply(own, ready);
                else Apply(run, own);
            });
        }
    }

    /// <summary>One copy to the host for all who propose from their own scores alone; null for who verifies, and for everybody if that fails: proposed alone it shows who is at fault.</summary>
    private Proposal[]?[] ProposedTogether(DecodeRun[] runs, Tensor[] scores, Tensor logits)
    {
        var proposals = new Proposal[]?[runs.Length];
        int[] plain = [.. Enumerable.Range(0, runs.Length).Where(i => runs[i].Call!.Verification is null)];
        if (plain.Length == 0) return proposals;
        try
        {
            Tensor all = plain.Length == runs.Length ? logits : cat([.. plain.Select(i => scores[i])], dim: 0);
            Proposal[][] made = proposer.Propose(all, [.. plain.Select(i => runs[i].Rows((int)scores[i].shape[0]))]);
            for (int i = 0; i < plain.Length; i++) proposals[plain[i]] = made[i];
        }
        catch
        {
            // Each is proposed alone.
        }
        return proposals;
    }

    private void Apply(DecodeRun run, Tensor logits)
    {
        ScoredRows rows = run.Rows((int)logits.shape[0]);
        run.Apply(logits, rows.Call.Verification is null ? proposer.Propose(logits, [rows])[0] : proposer.ProposeVerified(run.Draft!, logits, rows));
    }

    private static void Guarded(DecodeRun run, Action<DecodeRun, Exception?> over, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            over(run, e);
        }
    }

    private sealed record Planned(DecodeRun Run, RowScorer Scorer, RowPlan Plan);

    /// <summary>A forward that several wait for is broken off only when all of them have left.</summary>
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
