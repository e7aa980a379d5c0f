using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>The conditions for all methods: the canvas length, and what ends the text. It knows no method.</summary>
/// <param name="Canvas">Masks in the hole; null: the task's own length, for a line or a block, as an editor requests it.</param>
/// <param name="Block">Masks decoded together, the same for every method.</param>
/// <param name="ContextTokens">Maximum number of prompt tokens.</param>
/// <param name="Timed">Number of cases, the first ones, on which methods without a cache are timed.</param>
internal sealed record BenchSetting(int? Canvas, int Block, int ContextTokens, int Timed)
{
    private const int MoreTimed = 4;

    /// <summary>Name in the table and key of partial results.</summary>
    public string Name => $"{(Canvas is { } canvas ? $"canvas {canvas}" : "completion")}, blocks of {Block}, context {ContextTokens}";

    /// <summary>The longest canvas of all cases.</summary>
    public int MostTokens => Canvas ?? EvaluationTasks.All.Max(EvaluationTasks.MaxTokens);

    /// <summary>A method's options for one case.</summary>
    public DecodeOptions Options(DecodeOptions of, EvaluationCase hole) => of with { BlockLength = Block, Length = Canvas ?? EvaluationTasks.MaxTokens(hole.Hole.Kind) };

    /// <summary>The request of one case. In a canvas of fixed length only the end-of-text token ends the text, as in the papers.</summary>
    public InfillRequest Request(EvaluationCase hole) => hole.Request with { SingleLine = Canvas is null && hole.SingleLine, UsesFimMiddle = Canvas is not null };

    /// <summary>One setting per canvas length. Shorter canvases are timed on up to four times as many cases.</summary>
    /// <param name="canvases">Canvas lengths; 0: the completion setting.</param>
    /// <param name="timed">Number of cases on which methods without a cache are timed at canvas 1024.</param>
    public static IReadOnlyList<BenchSetting> Of(IReadOnlyList<int> canvases, int block, (int Completion, int Canvas) context, int timed) =>
    [
        .. canvases.Order().Select(canvas => canvas == 0
            ? new BenchSetting(null, block, context.Completion, timed * MoreTimed)
            : new BenchSetting(canvas, block, context.Canvas, timed * Math.Clamp(512 / Math.Max(1, canvas), 1, MoreTimed))),
    ];
}
