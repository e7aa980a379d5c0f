namespace DiffusionLsp.Engine.Decoding;

/// <summary>A decoder's next request: positions of one sequence to score in one forward.</summary>
/// <param name="Sequence">Prompt, canvas or draft and, for bidirectional models, the suffix.</param>
/// <param name="Window">The positions to score.</param>
/// <param name="First">Canvas position of the first scored row.</param>
internal sealed record ScoreCall(int[] Sequence, ScoreWindow Window, int First)
{
    /// <summary>Draft tokens after the committed ones: the context of the first 1 + Known.Length rows is fully known.</summary>
    public int[] Known { get; init; } = [];

    /// <summary>Which tokens may be proposed.</summary>
    public TokenSet Allowed { get; init; }

    /// <summary>Set if the autoregressive verifier scores instead of the model; null: the model does.</summary>
    public Verification? Verification { get; init; }

    /// <summary>Whether the next call verifies this one's proposals, so that its scores must be kept until then.</summary>
    public bool IsVerified { get; init; }
}

/// <summary>
/// How the autoregressive verifier judges the previous call: proposals then come from the target p_T ∝ p_D^R · p_AR^(1−R), over
/// that call's rows from the second on.
/// </summary>
/// <param name="Weight">R, the diffusion model's weight.</param>
/// <param name="IsGreedy">Whether to take the target's most probable token, whatever the temperature.</param>
internal sealed record Verification(double Weight, bool IsGreedy);

/// <summary>Which tokens may be proposed.</summary>
internal enum TokenSet
{
    /// <summary>Text, and the tokens that end it.</summary>
    Text,
    /// <summary>Text, the expand token, and end-of-text, which deletes.</summary>
    Resizing,
    /// <summary>Text, and end-of-text, which deletes.</summary>
    Shrinking,
    /// <summary>Only text.</summary>
    TextAlone,
}
