namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Like <see cref="MatchSource"/>, but over other files of the workspace.</summary>
internal sealed class WorkspaceSource(WorkspaceIndex workspace) : IDraftSource
{
    public DraftGuess? Next(ReadOnlySpan<int> sequence, int position) => workspace.Find(sequence) is { } match
        ? new DraftGuess(match.Followers[0].Token, AcceptanceRates.WorkspaceMatch + Math.Min(match.Length, AcceptanceRates.LongestMatch) - 1)
        : null;
}
