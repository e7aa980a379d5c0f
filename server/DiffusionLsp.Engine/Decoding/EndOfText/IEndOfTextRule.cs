using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>
/// End-of-Text Prediction (EoTP, Learn2PD, arXiv 2509.25188): decides where the canvas is truncated, so that no forward is spent on
/// what follows the end of the text. Plain numbers, no tensors.
/// </summary>
internal interface IEndOfTextRule
{
    /// <summary>Whether the rule never truncates, so that every position is decoded.</summary>
    bool KeepsCanvas => false;

    /// <param name="proposals">This step's proposals: the block's first, then positions after the block if they were scored.</param>
    /// <param name="selection">Which of them were committed.</param>
    /// <param name="ends">Whether a token ends the hole.</param>
    /// <returns>The canvas's new length, which includes the end token's position; null: no truncation.</returns>
    int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends);
}
