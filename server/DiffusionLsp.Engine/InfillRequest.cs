namespace DiffusionLsp.Engine;

/// <summary>One hole to fill: the text around it, and what is known about the file.</summary>
public sealed record InfillRequest
{
    /// <summary>Text before the hole, starting at the beginning of the file or of any line. UTF-16, line endings as in the file.</summary>
    public required string Prefix { get; init; }

    /// <summary>Text after the hole; empty when there is none.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Path of the file as the model should see it: relative, forward slashes. Null: unknown.</summary>
    public string? Path { get; init; }

    /// <summary>Name of the repository or workspace folder, for models trained with one. Null: unknown.</summary>
    public string? Repository { get; init; }

    /// <summary>The session of the request. Whatever the engine keeps between requests belongs to one session, and no other session reads it.</summary>
    public string Session { get; init; } = "";

    /// <summary>
    /// Cancels an older request of the same session and topic that is still waiting: a newer keystroke makes it pointless. Null: it
    /// neither cancels others nor is cancelled by them.
    /// </summary>
    public string? Topic { get; init; }

    /// <summary>Marks a prefetch, which yields to every caller's request; null: a caller waits for the result.</summary>
    public BackgroundTicket? Background { get; init; }

    /// <summary>LSP language identifier, for example "csharp". Null: unknown.</summary>
    public string? Language { get; init; }

    /// <summary>
    /// Texts of other files for the prompt, the most relevant first. They precede the prefix in the format the model was trained
    /// with, each whole or not at all, as many as fit into <see cref="RelatedTokens"/>.
    /// </summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    /// <summary>Maximum number of prompt tokens for <see cref="Related"/>, limited to half of what path and suffix leave. 0: none.</summary>
    public int RelatedTokens { get; init; }

    /// <summary>
    /// Index of other workspace files, which the n-gram cache searches in addition to the open file when completing a single line. Null:
    /// none. Ignored if the model has no n-gram cache weights.
    /// </summary>
    public WorkspaceIndex? Workspace { get; init; }

    /// <summary>
    /// Whether the model should predict where the hole ends, with the FIM middle token at its start, if the model was trained with
    /// one. False: text is generated until a rule stops it, which suits completions better (docs/lab). A hole inside a line always
    /// gets the token, the rest of a single line never.
    /// </summary>
    public bool UsesFimMiddle { get; init; }

    /// <summary>
    /// Whether the text may be sent to another machine. This engine sends nothing; hosts that use remote engines check it. False
    /// unless the caller has verified it.
    /// </summary>
    public bool MayLeave { get; init; }

    /// <summary>Stop at the end of the current line.</summary>
    public bool SingleLine { get; init; }

    /// <summary>
    /// Once this much time has passed and some text is committed, decoding stops between two steps, and the text up to the first
    /// gap is the result. Null: no limit.
    /// </summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Whether the budget starts at the call instead of at admission; a request still waiting when it runs out is cancelled.</summary>
    public bool BudgetHoldsWaiting { get; init; }

    /// <summary>
    /// Called on the decode thread after each step with the text up to the first gap; returns true when that is enough, which ends
    /// the decode. Null: no listener.
    /// </summary>
    public Func<string, bool>? Progress { get; init; }
}
