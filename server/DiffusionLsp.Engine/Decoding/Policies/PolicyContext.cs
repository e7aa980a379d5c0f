using DiffusionLsp.Engine.Decoding.Filters;

namespace DiffusionLsp.Engine.Decoding.Policies;

/// <summary>What a policy may know of the decode besides its options.</summary>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="Ends">Whether a token ends the hole.</param>
/// <param name="Filter">The commit filter that the policy needs; null: none.</param>
internal sealed record PolicyContext(IReadOnlyList<int> Prompt, Func<int, bool> Ends, CommitFilter? Filter = null)
{
    /// <summary>For policies that use only the proposals.</summary>
    public static PolicyContext None { get; } = new([], _ => false);
}
