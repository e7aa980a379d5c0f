namespace DiffusionLsp.Engine;

/// <summary>One hole to fill: the text before it, the text after it, and what is known about the file.</summary>
public sealed record InfillRequest
{
    /// <summary>Text before the hole, from the start of the file or from any line. UTF-16, line ends as in the file.</summary>
    public required string Prefix { get; init; }

    /// <summary>Text after the hole; empty when there is none.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Path of the file as the model should see it: relative, forward slashes. Null: unknown.</summary>
    public string? Path { get; init; }

    /// <summary>Name of the repository or workspace folder, for models that were trained to see one. Null: unknown.</summary>
    public string? Repository { get; init; }

    /// <summary>Whose request it is: what the engine keeps between requests is kept per session, and one session never reads another's.</summary>
    public string Session { get; init; } = "";

    /// <summary>
    /// A request of the same session and with the same topic that still waits is cancelled by this one: a newer keystroke makes
    /// an older one pointless. Null: it cancels none and none cancels it.
    /// </summary>
    public string? Topic { get; init; }

    /// <summary>Its place behind everybody else, while it is made ahead of time; null: somebody waits for it.</summary>
    public BackgroundTicket? Background { get; init; }

    /// <summary>LSP language identifier, for example "csharp". Null: unknown.</summary>
    public string? Language { get; init; }

    /// <summary>
    /// Texts of other files for the prompt, the most helpful first. They precede the prefix, laid out as the model was trained, whole
    /// or not at all, as many as <see cref="RelatedTokens"/> has room for.
    /// </summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    /// <summary>Most prompt tokens for <see cref="Related"/>; never more than half of what path and suffix leave.</summary>
    public int RelatedTokens { get; init; }

    /// <summary>
    /// Other files of the workspace, which the n-gram cache of a single line looks through beside the open file. Null: none.
    /// Without weights for an n-gram cache the model does not look at it.
    /// </summary>
    public WorkspaceIndex? Workspace { get; init; }

    /// <summary>
    /// The model is to find the hole's end, so the FIM middle token stands where the hole begins, if the model was trained with it.
    /// False: the text goes on until a rule ends it, as completions do; it is the better text then (docs/lab). A hole inside a
    /// line always has the token, and the rest of a single line never.
    /// </summary>
    public bool UsesFimMiddle { get; init; }

    /// <summary>
    /// Whether the text may be sent to another machine. This engine sends nothing anywhere; hosts that know of engines elsewhere ask. False
    /// unless somebody made sure.
    /// </summary>
    public bool MayLeave { get; init; }

    /// <summary>Stop at the end of the current line.</summary>
    public bool SingleLine { get; init; }

    /// <summary>
    /// Once this much time has passed and some text is written, decoding ends between two steps, and what is written
    /// without a gap is the result. Null: no limit.
    /// </summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>The budget counts from the call instead of from the admission; a request that waits until it is spent is cancelled.</summary>
    public bool BudgetHoldsWaiting { get; init; }

    /// <summary>
    /// Receives what is written without a gap so far, after each step, on the device thread, and says whether that is
    /// enough. Null: nobody listens.
    /// </summary>
    public Func<string, bool>? Progress { get; init; }
}
