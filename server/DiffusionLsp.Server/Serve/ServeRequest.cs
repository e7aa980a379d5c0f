using DiffusionLsp.Engine;

namespace DiffusionLsp.Server.Serve;

/// <summary>A client's request to fill one hole, as read from any dialect. It knows nothing of HTTP or JSON.</summary>
internal sealed record ServeRequest
{
    /// <summary>Maximum number of tokens if the client names none.</summary>
    public const int DefaultLength = 128;

    /// <summary>The model's name as the client gave it; the answer repeats it.</summary>
    public string Model { get; init; } = "";

    public required string Prefix { get; init; }

    public string Suffix { get; init; } = "";

    /// <summary>Relative, with forward slashes; only text for the prompt, never opened. Null: unknown.</summary>
    public string? Path { get; init; }

    /// <summary>LSP language identifier; null: unknown.</summary>
    public string? Language { get; init; }

    /// <summary>Texts of other files, the most relevant first.</summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    public int RelatedTokens { get; init; } = 1024;

    /// <summary>Stop texts: the answer ends before the first of them.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Maximum number of tokens in the answer; 0: the client only warms up, and nothing is decoded.</summary>
    public int Length { get; init; } = DefaultLength;

    /// <summary>Time limit, counted from the request's arrival.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether a single line is wanted; null: decided from the text around the hole, as for an editor.</summary>
    public bool? SingleLine { get; init; }

    /// <summary>As <see cref="InfillRequest.UsesFimMiddle"/>.</summary>
    public bool FindsEnd { get; init; }

    /// <summary>Whether the model's text is returned without post-processing, because the client has its own.</summary>
    public bool Raw { get; init; }

    public bool Stream { get; init; }

    /// <summary>Whether it is a prefetch, which runs only while no other request is waiting or running.</summary>
    public bool Background { get; init; }

    /// <summary>Whether the client sent DiffusionLsp's own fields and so understands them in answers.</summary>
    public bool KnowsDiffusion { get; init; }

    /// <summary>The only fields that the client wants, as paths with slashes; null: all.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Whether there is nothing to decode: no text around the hole, or no tokens wanted.</summary>
    public bool IsEmpty => Length == 0 || (Prefix.Length == 0 && Suffix.Length == 0);

    /// <summary>Whether it replaces an older request of the same session: both are for the same file. A prefetch replaces only prefetches.</summary>
    public bool Replaces(ServeRequest older) => Path is not null && Path == older.Path && (!Background || older.Background);

    /// <summary>Whether one decode answers both.</summary>
    public bool AsksAs(ServeRequest other) =>
        (Prefix, Suffix, Path, Language, Length, SingleLine, FindsEnd, Raw, RelatedTokens, Budget) ==
        (other.Prefix, other.Suffix, other.Path, other.Language, other.Length, other.SingleLine, other.FindsEnd, other.Raw, other.RelatedTokens, other.Budget)
        && Related.SequenceEqual(other.Related);
}
