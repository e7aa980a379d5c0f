namespace DiffusionLsp.Engine.Decoding;

/// <summary>What a decoder wants to know next: positions of one sequence that one forward shall score.</summary>
/// <param name="Sequence">Prompt, canvas or draft, and for bidirectional models whatever follows.</param>
/// <param name="Window">Which positions of it.</param>
/// <param name="First">Canvas position of the first scored row.</param>
internal sealed record ScoreCall(int[] Sequence, ScoreWindow Window, int First)
{
    /// <summary>Tokens taken for granted behind the committed ones: what stands before the first 1 + Known.Length rows is known.</summary>
    public int[] Known { get; init; } = [];

    /// <summary>What may be proposed.</summary>
    public TokenSet Allowed { get; init; }

    /// <summary>Set when the autoregressive side scores instead of the model; null: the model does.</summary>
    public Verification? Verification { get; init; }

    /// <summary>The coming call verifies this one's proposals, so its scores are kept until then.</summary>
    public bool IsVerified { get; init; }
}

/// <summary>
/// How the autoregressive side judges the call before: proposals then come from the target p_T ∝ p_D^R · p_AR^(1−R), over that
/// call's rows from the second on.
/// </summary>
/// <param name="Weight">R, the diffusion model's share.</param>
/// <param name="IsGreedy">The target's most probable token, whatever the temperature.</param>
internal sealed record Verification(double Weight, bool IsGreedy);

/// <summary>Which tokens may be proposed.</summary>
internal enum TokenSet
{
    /// <summary>Text, and what ends it.</summary>
    Text,
    /// <summary>Text, the expand token, and end-of-text, which deletes.</summary>
    Resizing,
    /// <summary>Text, and end-of-text, which deletes.</summary>
    Shrinking,
    /// <summary>Text alone.</summary>
    TextAlone,
}
