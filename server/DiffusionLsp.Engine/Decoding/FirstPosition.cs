using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Predicts only the first position of a hole, in one forward, for when that token decides how the rest is laid out.</summary>
/// <param name="blockLength">Positions decoded together.</param>
internal sealed class FirstPosition(DecodeTask task, int blockLength) : IDecoder
{
    /// <summary>The most probable allowed token; null: not predicted yet.</summary>
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
