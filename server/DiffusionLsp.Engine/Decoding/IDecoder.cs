using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.Policies;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>
/// A decoding method as a planner: it says what must be scored next and applies the scores. It executes no forward and sees no
/// tensor; a driver does the rest. One instance serves one decode.
/// </summary>
internal interface IDecoder
{
    /// <summary>The next call to score; null: the hole is filled.</summary>
    ScoreCall? Next();

    /// <summary>Commits tokens according to the scores.</summary>
    /// <param name="proposals">One for each scored position that is still masked, in ascending order.</param>
    /// <returns>What the step did; null: it needs another forward first.</returns>
    StepInfo? Apply(Proposal[] proposals);
}

/// <summary>What one step did.</summary>
/// <param name="Number">0-based, over all blocks.</param>
/// <param name="BlockStart">First position of the block in the canvas.</param>
/// <param name="BlockEnd">Its end, before this step truncated the canvas.</param>
/// <param name="Proposals">One for each masked position of the block.</param>
/// <param name="Selection">The proposals that were committed.</param>
internal readonly record struct StepInfo(int Number, int BlockStart, int BlockEnd, ReadOnlyMemory<Proposal> Proposals, Selection Selection);

/// <summary>One hole in tokens.</summary>
/// <param name="Prompt">Tokens before the canvas.</param>
/// <param name="Canvas">The hole.</param>
/// <param name="Suffix">Tokens after it, for models that see the suffix; else empty.</param>
/// <param name="Ends">Whether a token ends the hole: end-of-text, and for a single line also line breaks.</param>
internal sealed record DecodeTask(int[] Prompt, Canvas Canvas, int[] Suffix, Func<int, bool> Ends)
{
    /// <summary>The prompt without a final FIM middle token.</summary>
    public int[] Text { get; init; } = Prompt;

    /// <summary>Positions of the first block that the prompt occupies; models with fixed blocks count them from the start of the document.</summary>
    public int Offset { get; init; }

    /// <summary>A guess at the hole's contents; a decoder that can verify it may save forwards.</summary>
    public InitialDraft InitialDraft { get; init; } = InitialDraft.None;
}
