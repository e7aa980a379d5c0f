namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>The table of commit policies: one row each.</summary>
public static class CommitPolicies
{
    /// <summary>Names that <see cref="DecodeOptions.Decoder"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = ["vanilla", "fixed", "threshold"];
}
