using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>One completion request with everything that determines its result. Immutable; knows no LSP type.</summary>
internal sealed record CompletionRequest
{
    /// <summary>The document when the request arrived.</summary>
    public required TextDocument Document { get; init; }

    /// <summary>The cursor's offset in it.</summary>
    public required int Offset { get; init; }

    public required CompletionTrigger Trigger { get; init; }

    public required CompletionSource Source { get; init; }

    /// <summary>The settings when the request arrived.</summary>
    public required ServerSettings Settings { get; init; }

    /// <summary>What accepting the selected entry of the editor's completion list would insert at the cursor.</summary>
    public string Ahead { get; init; } = "";

    /// <summary>The open document, if <see cref="Document"/> is what it becomes when the selected entry of the editor's completion list is accepted; null: they are the same.</summary>
    public TextDocument? Open { get; init; }

    /// <summary>The document's path as shown to the model.</summary>
    public string? Path { get; init; }

    /// <summary>Why the document's file is excluded from completions, as a sentence; null: it is not.</summary>
    public string? Exclusion { get; init; }

    /// <summary>Task that determines <see cref="Exclusion"/>; nothing is offered before it ends. Null: already known.</summary>
    public Task<string?>? ExclusionLookup { get; init; }

    /// <inheritdoc cref="InfillRequest.MayLeave"/>
    public bool MayLeave { get; init; }

    /// <summary>Task that determines <see cref="MayLeave"/>. Null: already known.</summary>
    public Task<bool>? LeaveLookup { get; init; }

    /// <summary>Texts of other files for the prompt, most helpful first.</summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    /// <summary>Name of the workspace folder; null: unknown.</summary>
    public string? Repository { get; init; }

    /// <summary>Other files of the workspace, for the n-gram cache; null: none.</summary>
    public WorkspaceIndex? Workspace { get; init; }

    /// <summary>Whether the completion must end with the line; null: <see cref="LinePolicy"/> decides.</summary>
    public bool? SingleLine { get; init; }

    /// <summary>Decode options; null: from the settings.</summary>
    public DecodeOptions? Decode { get; init; }

    /// <summary>The line up to the cursor, including the selected entry of the editor's completion list.</summary>
    public string LinePrefix => Document.Text[Document.Lines.LineStart(Line)..Offset] + Ahead;

    /// <summary>The text between the cursor and the end of its line.</summary>
    public string RestOfLine => Document.Text[Offset..Document.Lines.LineEnd(Line)];

    /// <summary>The request once it is known whether its file is excluded, and whether its text may leave the machine.</summary>
    public async Task<CompletionRequest> WithRulesKnownAsync(CancellationToken cancellation) => ExclusionLookup is null && LeaveLookup is null ? this : this with
    {
        Exclusion = ExclusionLookup is { } exclusion ? await exclusion.WaitAsync(cancellation).ConfigureAwait(false) : Exclusion,
        ExclusionLookup = null,
        MayLeave = LeaveLookup is { } leave ? await leave.WaitAsync(cancellation).ConfigureAwait(false) : MayLeave,
        LeaveLookup = null,
    };

    /// <summary>Whether both requests use the same model, settings and other files, apart from the text around the cursor.</summary>
    public bool AsksAs(CompletionRequest other) =>
        Path == other.Path && Document.LanguageId == other.Document.LanguageId && Settings == other.Settings && Decode == other.Decode && Related.SequenceEqual(other.Related);

    private int Line => Document.Lines.Place(Offset).Line;
}

/// <summary>Whether the user requested the completion explicitly.</summary>
internal enum CompletionTrigger
{
    /// <summary>The editor requested it while the user typed.</summary>
    Automatic,
    /// <summary>The user requested it.</summary>
    Invoked,
}

/// <summary>The kind of request. Requests supersede only their own kind: editors that show several request them at once.</summary>
internal enum CompletionSource
{
    /// <summary>Ghost text.</summary>
    Inline,
    /// <summary>An entry in the completion list.</summary>
    List,
    /// <summary>A selection to rewrite.</summary>
    Refill,
    /// <summary>The command line.</summary>
    CommandLine,
    /// <summary>A prefetch by the server.</summary>
    Prefetch,
}
