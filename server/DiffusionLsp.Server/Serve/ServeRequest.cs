using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Serve;

/// <summary>One hole that a client wants filled, as every dialect reads it. It knows nothing of HTTP or of JSON.</summary>
internal sealed record ServeRequest
{
    /// <summary>Tokens where the client names no number.</summary>
    public const int DefaultLength = 128;

    /// <summary>The model's name as the client gave it; the answer repeats it.</summary>
    public string Model { get; init; } = "";

    public required string Prefix { get; init; }

    public string Suffix { get; init; } = "";

    /// <summary>Relative, forward slashes; text for the prompt, never opened. Null: unknown.</summary>
    public string? Path { get; init; }

    /// <summary>LSP language identifier; null: unknown.</summary>
    public string? Language { get; init; }

    /// <summary>Texts of other files, the most helpful first.</summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    public int RelatedTokens { get; init; } = 1024;

    /// <summary>The answer ends before the first of these.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Most tokens of the answer; 0: the client only warms up, and nothing is decoded.</summary>
    public int Length { get; init; } = DefaultLength;

    /// <summary>Counted from the request's arrival.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Null: decided by the text around the hole, as for an editor.</summary>
    public bool? SingleLine { get; init; }

    /// <summary>As <see cref="InfillRequest.UsesFimMiddle"/>.</summary>
    public bool FindsEnd { get; init; }

    /// <summary>The model's text as it is: the client has rules of its own.</summary>
    public bool Raw { get; init; }

    public bool Stream { get; init; }

    /// <summary>Ahead of time: only while nobody else waits or is served.</summary>
    public bool Background { get; init; }

    /// <summary>Whether the client sent our own fields and so understands them.</summary>
    public bool KnowsDiffusion { get; init; }

    /// <summary>The only fields that the client wants, with slashes for levels; null: all.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Whether nothing can be said: there is no text at all, or none is wanted.</summary>
    public bool IsEmpty => Length == 0 || (Prefix.Length == 0 && Suffix.Length == 0);

    /// <summary>Whether it makes an older one of the same session pointless: both are for the same file. What is asked ahead of time does so to nothing that somebody waits for.</summary>
    public bool Replaces(ServeRequest older) => Path is not null && Path == older.Path && (!Background || older.Background);

    /// <summary>Whether one decode answers both.</summary>
    public bool AsksAs(ServeRequest other) =>
        (Prefix, Suffix, Path, Language, Length, SingleLine, FindsEnd, Raw, RelatedTokens, Budget) ==
        (other.Prefix, other.Suffix, other.Path, other.Language, other.Length, other.SingleLine, other.FindsEnd, other.Raw, other.RelatedTokens, other.Budget)
        && Related.SequenceEqual(other.Related);
}
