using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Tests;

/// <summary>A trace's committed tokens are the completion, and tracing does not change the decode.</summary>
public sealed class DecodeTraceTests
{
    private static readonly InfillRequest Hole = new()
    {
        Prefix = "// → größer\nclass Totals\n{\n    int Sum(int[] values)\n    {\n        int sum = 0;\n        for (int i = 0; i < values.Length; i++)\n            ",
        Suffix = "\n        return sum;\n    }\n}\n", Path = "Totals.cs", SingleLine = true,
    };

    [Fact]
    public async Task The_written_tokens_are_the_completion()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        var options = new DecodeOptions { Decoder = "anchored", Length = 32, BlockLength = 8 }.With(CommitPolicies.Threshold, 0.5);
        InfillResult plain = await engine.InfillAsync(Hole, options, CancellationToken.None);
        DecodeTrace trace = await engine.TraceAsync(Hole, options, CancellationToken.None);

        Assert.Equal(plain.Completion, trace.Result.Completion);
        Assert.Equal(plain.Forwards, trace.Result.Forwards);
        Assert.Equal(trace.Result.Forwards, trace.Steps.Count);
        TraceProposal[] written = [.. trace.Steps.SelectMany(s => s.Proposals).Where(p => p.Outcome is not ProposalOutcome.Left)];
        int length = trace.Steps[^1].CanvasLength;
        Assert.Equal(Enumerable.Range(0, length), written.Where(p => p.Position < length).Select(p => p.Position).Order());
        string text = string.Concat(written.Where(p => p.Position < length && !p.IsEnd).OrderBy(p => p.Position).Select(p => p.Text));
        Assert.StartsWith(trace.Result.Completion, text);
        Assert.All(trace.Steps, step => Assert.Contains(step.Proposals, p => p.Outcome is not ProposalOutcome.Left));
        Assert.All(written, p => Assert.InRange(p.Confidence, 0, 1));
        Assert.All(written, p => Assert.Null(p.Score)); // no filter was asked
        Assert.Equal(trace.Steps.Select(s => s.Milliseconds).Order(), trace.Steps.Select(s => s.Milliseconds));
    }

    [Fact]
    public async Task A_filters_opinion_is_part_of_the_trace()
    {
        using InfillEngine engine = InfillEngine.Load(new EngineOptions { Device = "cpu" });
        var options = new DecodeOptions { Decoder = "filter", Length = 16, BlockLength = 8 }.With(CommitPolicies.FilterThreshold, 0.9);
        DecodeTrace trace = await engine.TraceAsync(Hole, options, CancellationToken.None);
        TraceProposal[] asked = [.. trace.Steps.SelectMany(s => s.Proposals).Where(p => p.Score is not null)];
        Assert.NotEmpty(asked);
        Assert.All(asked, p => Assert.Equal(p.Score > 0.9, p.Outcome is ProposalOutcome.Committed));
    }
}
