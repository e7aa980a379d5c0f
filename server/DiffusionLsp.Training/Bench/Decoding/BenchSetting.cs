using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>What is asked of every method: how long the canvas is, and what ends the text. It knows no method.</summary>
/// <param name="Canvas">Masks in the hole; null: the task's own length, one line or a block, as the editor asks.</param>
/// <param name="Block">Masks decoded together, by every method alike.</param>
/// <param name="ContextTokens">Most prompt tokens.</param>
/// <param name="Timed">Methods without a cache are timed on this many cases, the first ones.</param>
internal sealed record BenchSetting(int? Canvas, int Block, int ContextTokens, int Timed)
{
    private const int MoreTimed = 4;

    /// <summary>As in the table; also the key of partial results.</summary>
    public string Name => $"{(Canvas is { } canvas ? $"canvas {canvas}" : "completion")}, blocks of {Block}, context {ContextTokens}";

    /// <summary>The longest canvas of any case.</summary>
    public int MostTokens => Canvas ?? EvaluationTasks.All.Max(EvaluationTasks.MaxTokens);

    /// <summary>A method's options for one case.</summary>
    public DecodeOptions Options(DecodeOptions of, EvaluationCase hole) => of with { BlockLength = Block, Length = Canvas ?? EvaluationTasks.MaxTokens(hole.Hole.Kind) };

    /// <summary>In a canvas of fixed length only the end-of-text token ends the text, as in the papers.</summary>
    public InfillRequest Request(EvaluationCase hole) => hole.Request with { SingleLine = Canvas is null && hole.SingleLine, UsesFimMiddle = Canvas is not null };

    /// <summary>A setting per canvas. Shorter canvases are timed on up to four times as many cases.</summary>
    /// <param name="canvases">Their lengths; 0: the real completion setting.</param>
    /// <param name="timed">Cases that methods without a cache are timed on at canvas 1024.</param>
    public static IReadOnlyList<BenchSetting> Of(IReadOnlyList<int> canvases, int block, (int Completion, int Canvas) context, int timed) =>
    [
        .. canvases.Order().Select(canvas => canvas == 0
            ? new BenchSetting(null, block, context.Completion, timed * MoreTimed)
            : new BenchSetting(canvas, block, context.Canvas, timed * Math.Clamp(512 / Math.Max(1, canvas), 1, MoreTimed))),
    ];
}
