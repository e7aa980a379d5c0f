using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Remote;

/// <summary>One hole to be sent to a remote engine, in any dialect. All of it may leave this machine.</summary>
internal sealed record RemoteHole
{
    /// <summary>The model's name on the engine; empty: it has only one.</summary>
    public required string Model { get; init; }

    public required string Prefix { get; init; }

    public required string Suffix { get; init; }

    /// <summary>Relative, with forward slashes; null: unknown.</summary>
    public string? Path { get; init; }

    /// <summary>LSP language identifier; null: unknown.</summary>
    public string? Language { get; init; }

    /// <summary>Texts of other files, the most relevant first.</summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    /// <summary>Maximum number of prompt tokens for these.</summary>
    public int RelatedTokens { get; init; }

    public bool SingleLine { get; init; }

    /// <summary>As <see cref="InfillRequest.UsesFimMiddle"/>.</summary>
    public bool FindsEnd { get; init; }

    /// <summary>Maximum number of tokens in the answer.</summary>
    public required int Length { get; init; }

    /// <summary>How long the engine may decode.</summary>
    public required TimeSpan Budget { get; init; }
}
