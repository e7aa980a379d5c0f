using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Policies;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Filter;

/// <summary>
/// Decodes one hole twice with the serving engine: once slowly, for the reference, and once along the reference with every proposal
/// recorded.
/// </summary>
/// <param name="reference">Options of the slow decode.</param>
/// <param name="drive">Options of the second decode.</param>
/// <param name="oracle">Whether every right proposal is committed; false: the right ones among those that the policy of <paramref name="drive"/> selects.</param>
internal sealed class TrajectoryCollector(InfillEngine engine, DecodeOptions reference, DecodeOptions drive, bool oracle)
{
    public Trajectory Collect(EvaluationCase hole)
    {
        int[] slow = Reference(engine, hole, reference);
        var recorder = new Recorder();
        Fill(engine, hole, drive, new DecodeWatch(recorder, (own, context) =>
        {
            recorder.Context = context;
            return CommitPolicies.Oracle(slow, oracle ? null : own);
        }));
        PolicyContext seen = recorder.Context;
        return new Trajectory([.. seen.Prompt], [.. recorder.Steps.SelectMany(s => s.Tokens).Concat(slow).Distinct().Where(seen.Ends).Order()], slow, recorder.Steps);
    }

    /// <summary>The slow decode's tokens, including its end token.</summary>
    public static int[] Reference(InfillEngine engine, EvaluationCase hole, DecodeOptions options)
    {
        var last = new LastCanvas();
        Fill(engine, hole, options, new DecodeWatch(last));
        return last.Ids;
    }

    /// <summary>The engine's result for one case.</summary>
    public static InfillResult Fill(InfillEngine engine, EvaluationCase hole, DecodeOptions options, DecodeWatch? watch)
    {
        InfillRequest request = hole.Request;
        return engine.InfillAsync(request, options with { Length = EvaluationTasks.MaxTokens(hole.Hole.Kind) }, watch, CancellationToken.None).GetAwaiter().GetResult();
    }

    private sealed class LastCanvas : IDecodeObserver
    {
        public int[] Ids { get; private set; } = [];

        public void OnStep(StepInfo step, Canvas canvas) => Ids = canvas.Ids.ToArray();
    }

    private sealed class Recorder : IDecodeObserver
    {
        private int blockStart = -1, index;

        public List<TrajectoryStep> Steps { get; } = [];
        public PolicyContext Context { get; set; } = PolicyContext.None;

        public void OnStep(StepInfo step, Canvas canvas)
        {
            index = step.BlockStart == blockStart ? index + 1 : 0;
            blockStart = step.BlockStart;
            Proposal[] all = step.Proposals.ToArray();
            static float Short(float value) => MathF.Round(value, 6);
            Steps.Add(new TrajectoryStep(step.BlockStart, step.BlockEnd, index, [.. all.Select(p => p.Position)], [.. all.Select(p => p.TokenId)],
                [.. all.Select(p => Short(p.Confidence))], [.. all.Select(p => Short(p.Margin))], [.. all.Select(p => Short(p.Entropy))], [.. step.Selection.Indices]));
        }
    }
}
