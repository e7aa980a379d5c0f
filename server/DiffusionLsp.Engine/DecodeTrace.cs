using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Engine;

/// <summary>One decode as it went, in texts and numbers: what a picture of it needs. It holds no tensor and no token id.</summary>
/// <param name="Result">What came out.</param>
/// <param name="Options">How it was decoded.</param>
/// <param name="Steps">In order; each is one forward pass of the model, or one iteration of a decoder that needs several.</param>
public sealed record DecodeTrace(InfillResult Result, DecodeOptions Options, IReadOnlyList<TraceStep> Steps)
{
    /// <summary>How many characters before the hole the first tokens of the canvas write once more (token healing).</summary>
    public int Rewritten { get; init; }
}

/// <summary>One denoising step.</summary>
/// <param name="BlockStart">First position of the block, in the canvas.</param>
/// <param name="BlockEnd">Its end, before this step's cut.</param>
/// <param name="CanvasLength">Positions that are left of the canvas after the step; fewer than before where end-of-text cut it.</param>
/// <param name="Milliseconds">From the request's arrival to the step's end.</param>
/// <param name="Proposals">What was proposed at the masked positions of the block.</param>
public sealed record TraceStep(int BlockStart, int BlockEnd, int CanvasLength, double Milliseconds, IReadOnlyList<TraceProposal> Proposals);

/// <summary>One proposal.</summary>
/// <param name="Position">Index in the canvas.</param>
/// <param name="Text">The token's text; bytes that are not whole characters in angle brackets, as in "⟨E2 86⟩".</param>
/// <param name="IsEnd">Whether it is the end-of-text token; its text is empty then.</param>
/// <param name="Confidence">The token's probability.</param>
/// <param name="Margin">Its probability less the best other one's.</param>
/// <param name="Entropy">Entropy of the whole distribution, in nats.</param>
/// <param name="Score">What a filter thinks of it, a probability; null where none was asked.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record TraceProposal(int Position, string Text, bool IsEnd, double Confidence, double Margin, double Entropy, double? Score, ProposalOutcome Outcome);

/// <summary>What became of a proposal.</summary>
public enum ProposalOutcome
{
    /// <summary>The position stays masked.</summary>
    Left,
    /// <summary>Written, because the decoder was sure of it.</summary>
    Committed,
    /// <summary>Written so that the step makes progress, though the decoder was not sure.</summary>
    Forced,
}
