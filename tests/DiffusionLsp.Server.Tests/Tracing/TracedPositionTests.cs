using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Tracing;

namespace DiffusionLsp.Server.Tests.Tracing;

/// <summary>A trace of steps, read position by position.</summary>
public sealed class TracedPositionTests
{
    [Fact]
    public void Each_position_has_its_proposals_in_order_and_the_step_that_cut_it()
    {
        IReadOnlyList<TracedPosition> positions = Of(
            new TraceStep(0, 4, 8, 1, [At(0, "a"), At(2, "b")]),
            new TraceStep(0, 4, 8, 2, [At(2, "c"), At(3, "d")]),
            new TraceStep(0, 4, 3, 3, [At(1, "e")]));
        Assert.Equal([0, 1, 2, 3], positions.Select(p => p.Index));
        Assert.Equal(["1a", "3e", "1b 2c", "2d"], positions.Select(p => string.Join(' ', p.Proposals.Select(seen => seen.Step + seen.Proposal.Text))));
        Assert.Equal([null, null, null, 3], positions.Select(p => p.Cut));
    }

    [Fact]
    public void The_first_cut_counts() => Assert.Equal([null, 2, 1], Of(
        new TraceStep(0, 4, 2, 1, [At(0, "a"), At(1, "b"), At(2, "c")]), new TraceStep(0, 4, 1, 2, []), new TraceStep(0, 4, 1, 3, [])).Select(p => p.Cut));

    [Fact]
    public void A_position_that_no_step_proposed_for_has_none_and_later_ones_are_left_out()
    {
        IReadOnlyList<TracedPosition> positions = Of(new TraceStep(0, 8, 8, 1, [At(1, "a")]));
        Assert.Equal(2, positions.Count);
        Assert.Empty(positions[0].Proposals);
        Assert.Empty(Of());
    }

    private static IReadOnlyList<TracedPosition> Of(params TraceStep[] steps) =>
        TracedPosition.Of(new DecodeTrace(new InfillResult
        {
            Completion = "", StopReason = StopReason.Length, Forwards = 0, Tokens = 0, PromptTokens = 0, CachedPromptTokens = 0, Timings = new InfillTimings(0, 0, 0),
        }, new DecodeOptions(), steps));

    private static TraceProposal At(int position, string text) => new(position, text, false, 0.5, 0.1, 1, null, ProposalOutcome.Left);
}
