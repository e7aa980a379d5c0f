using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>
/// End-of-Text Prediction (EoTP, Learn2PD, arXiv 2509.25188): decides where the rest of the canvas is given up, so that
/// no forward is spent on what follows the end of the text. Plain numbers, no tensors.
/// </summary>
internal interface IEndOfTextRule
{
    /// <summary>Whether nothing is ever cut, so that every position is decoded.</summary>
    bool KeepsCanvas => false;

    /// <param name="proposals">What was proposed in this step, the block's first; positions behind the block where they were scored.</param>
    /// <param name="selection">Which of them were committed.</param>
    /// <param name="ends">Whether a token ends the hole.</param>
    /// <returns>The canvas's new length, the end's own position included; null: nothing is cut.</returns>
    int? Cut(ReadOnlySpan<Proposal> proposals, Selection selection, Func<int, bool> ends);
}
