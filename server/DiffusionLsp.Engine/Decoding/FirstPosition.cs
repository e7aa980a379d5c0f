using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Asks for the first position of a hole alone, in one forward: what stands there decides how the rest is laid out.</summary>
/// <param name="blockLength">Positions that the model decodes together.</param>
internal sealed class FirstPosition(DecodeTask task, int blockLength) : IDecoder
{
    /// <summary>The most probable token that is allowed; null: it was not asked for yet.</summary>
    public int? Token { get; private set; }

    public ScoreCall? Next()
    {
        if (Token is not null) return null;
        (int[] prompt, Canvas canvas, int[] suffix, _) = task;
        int start = prompt.Length, end = Math.Min(canvas.Length, blockLength - task.Offset % blockLength);
        return new ScoreCall([.. prompt, .. canvas.Ids, .. suffix], new ScoreWindow(start, start, start + end, start + canvas.Length), 0);
    }

    public StepInfo? Apply(Proposal[] proposals)
    {
        Token = proposals[0].TokenId;
        return new StepInfo(0, 0, proposals.Length, proposals, new Selection([0]));
    }
}
