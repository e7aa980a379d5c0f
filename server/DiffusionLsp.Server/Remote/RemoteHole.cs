using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Remote;

/// <summary>One hole as every dialect puts it to an engine. It may leave this machine, all of it.</summary>
internal sealed record RemoteHole
{
    /// <summary>As the engine knows it; empty: it has but one.</summary>
    public required string Model { get; init; }

    public required string Prefix { get; init; }

    public required string Suffix { get; init; }

    /// <summary>Relative, forward slashes; null: unknown.</summary>
    public string? Path { get; init; }

    /// <summary>LSP language identifier; null: unknown.</summary>
    public string? Language { get; init; }

    /// <summary>Texts of other files, the most helpful first.</summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    /// <summary>Most prompt tokens of these.</summary>
    public int RelatedTokens { get; init; }

    public bool SingleLine { get; init; }

    /// <summary>As <see cref="InfillRequest.UsesFimMiddle"/>.</summary>
    public bool FindsEnd { get; init; }

    /// <summary>Most tokens of the answer.</summary>
    public required int Length { get; init; }

    /// <summary>How long the engine may decode.</summary>
    public required TimeSpan Budget { get; init; }
}
