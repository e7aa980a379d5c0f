using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// A way to fill a canvas, as a plan: it says what must be scored next and applies the scores. It runs no forward and sees no
/// tensor; a driver does the rest. One instance lives for one decode.
/// </summary>
internal interface IDecoder
{
    /// <summary>What the next forward must score; null: the hole is filled.</summary>
    ScoreCall? Next();

    /// <summary>Commits what the scores allow.</summary>
    /// <param name="proposals">For every scored position that is still masked, ascending.</param>
    /// <returns>What the step did; null: it needs another forward first.</returns>
    StepInfo? Apply(Proposal[] proposals);
}

/// <summary>What one step did.</summary>
/// <param name="Number">0-based, over all blocks.</param>
/// <param name="BlockStart">First position of the block in the canvas.</param>
/// <param name="BlockEnd">Its end, before this step's cut.</param>
/// <param name="Proposals">What was proposed at every masked position of the block.</param>
/// <param name="Selection">Which of them were committed.</param>
internal readonly record struct StepInfo(int Number, int BlockStart, int BlockEnd, ReadOnlyMemory<Proposal> Proposals, Selection Selection);

/// <summary>One hole, in tokens.</summary>
/// <param name="Prompt">Tokens before the canvas.</param>
/// <param name="Canvas">The hole.</param>
/// <param name="Suffix">Tokens after it, for models that see to the right; else empty.</param>
/// <param name="Ends">Whether a token ends the hole: end-of-text, and line breaks where one line is asked for.</param>
internal sealed record DecodeTask(int[] Prompt, Canvas Canvas, int[] Suffix, Func<int, bool> Ends)
{
    /// <summary>The prompt as text goes on in it: without a FIM middle token at its end.</summary>
    public int[] Text { get; init; } = Prompt;

    /// <summary>Positions of the first block that the prompt holds already: models with blocks count them from the document's start.</summary>
    public int Offset { get; init; }

    /// <summary>What the hole probably holds; a decoder that can check it may save forwards.</summary>
    public InitialDraft InitialDraft { get; init; } = InitialDraft.None;
}
