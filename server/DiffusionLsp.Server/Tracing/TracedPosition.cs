using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Tracing;

/// <summary>A trace by position instead of by step. It renders nothing.</summary>
/// <param name="Index">Position in the canvas.</param>
/// <param name="Cut">The step, from 1, that truncated the canvas before this position; null: none did.</param>
/// <param name="Proposals">The proposals for this position, in order of steps.</param>
internal sealed record TracedPosition(int Index, int? Cut, IReadOnlyList<TracedProposal> Proposals)
{
    /// <summary>Every position with a proposal; later positions, which no step reached, are omitted.</summary>
    public static IReadOnlyList<TracedPosition> Of(DecodeTrace trace)
    {
        IReadOnlyList<TraceStep> steps = trace.Steps;
        int reached = steps.SelectMany(s => s.Proposals).Select(p => p.Position + 1).DefaultIfEmpty(0).Max();
        var proposals = new List<TracedProposal>[reached];
        for (int i = 0; i < reached; i++) proposals[i] = [];
        var cuts = new int?[reached];
        for (int i = 0; i < steps.Count; i++)
        {
            foreach (TraceProposal proposal in steps[i].Proposals) proposals[proposal.Position].Add(new TracedProposal(i + 1, proposal));
            for (int at = steps[i].CanvasLength; at < reached; at++) cuts[at] ??= i + 1;
        }
        return [.. Enumerable.Range(0, reached).Select(i => new TracedPosition(i, cuts[i], proposals[i]))];
    }
}

/// <summary>A proposal and its step.</summary>
/// <param name="Step">From 1.</param>
internal sealed record TracedProposal(int Step, TraceProposal Proposal);
