using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Decoding.Memory;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>A way to fill a canvas. One instance lives for one decode, on the device thread.</summary>
internal interface IDecoder
{
    /// <summary>Commits tokens until no mask is left.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    void Fill(DecodeTask task, CancellationToken cancellation);
}

/// <summary>One hole, in tokens.</summary>
/// <param name="Prompt">Tokens before the canvas.</param>
/// <param name="Canvas">The hole.</param>
/// <param name="Trailer">Tokens after it, for models that see to the right; else empty.</param>
/// <param name="Ends">Whether a token ends the hole: end-of-text, and line breaks where one line is asked for.</param>
internal sealed record DecodeTask(int[] Prompt, Canvas Canvas, int[] Trailer, Func<int, bool> Ends)
{
    /// <summary>The prompt as text goes on in it: without a mark at its end.</summary>
    public int[] Text { get; init; } = Prompt;

    /// <summary>Positions of the first block that the prompt holds already: models with blocks count them from the document's start.</summary>
    public int Offset { get; init; }

    /// <summary>What the hole probably holds; a decoder that can check it may save forwards.</summary>
    public HoleGuess Guess { get; init; } = HoleGuess.None;

    /// <summary>What is known of each next token beside the network; null: nothing.</summary>
    public ITokenPrior? Prior { get; init; }
}
