using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine;

/// <summary>A recorded decode as text and numbers, enough to draw it. It holds neither tensors nor token ids.</summary>
/// <param name="Result">The result of the decode.</param>
/// <param name="Options">The options it ran with.</param>
/// <param name="Steps">In order; each is one forward of the model, or one iteration of a decoder that needs several.</param>
public sealed record DecodeTrace(InfillResult Result, DecodeOptions Options, IReadOnlyList<TraceStep> Steps)
{
    /// <summary>Characters before the hole that the first tokens of the canvas regenerate (token healing).</summary>
    public int Rewritten { get; init; }
}

/// <summary>One denoising step.</summary>
/// <param name="BlockStart">Canvas index of the block's first position.</param>
/// <param name="BlockEnd">Canvas index just after the block's last position, before this step truncated the canvas.</param>
/// <param name="CanvasLength">Canvas positions after the step; fewer than before if an end-of-text token truncated it.</param>
/// <param name="Milliseconds">From the request's arrival to the end of the step.</param>
/// <param name="Proposals">One for each masked position of the block.</param>
public sealed record TraceStep(int BlockStart, int BlockEnd, int CanvasLength, double Milliseconds, IReadOnlyList<TraceProposal> Proposals);

/// <summary>One proposed token.</summary>
/// <param name="Position">Index in the canvas.</param>
/// <param name="Text">The token's text; bytes that do not form whole characters appear in angle brackets, as in "⟨E2 86⟩".</param>
/// <param name="IsEnd">Whether it is the end-of-text token; its text is then empty.</param>
/// <param name="Confidence">The token's probability.</param>
/// <param name="Margin">Its probability minus that of the runner-up.</param>
/// <param name="Entropy">Entropy of the full distribution, in nats.</param>
/// <param name="Score">A commit filter's score, as a probability; null: no filter was applied.</param>
/// <param name="Outcome">What the step did with the proposal.</param>
public sealed record TraceProposal(int Position, string Text, bool IsEnd, double Confidence, double Margin, double Entropy, double? Score, ProposalOutcome Outcome);

/// <summary>What a step did with a proposal.</summary>
public enum ProposalOutcome
{
    /// <summary>The position stays masked.</summary>
    Left,
    /// <summary>Committed because the policy accepted it.</summary>
    Committed,
    /// <summary>Committed only so that the step makes progress.</summary>
    Forced,
}
