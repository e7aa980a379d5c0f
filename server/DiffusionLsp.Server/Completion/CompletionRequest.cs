using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Completion;

/// <summary>One wish for a completion, with everything that decides it. Immutable; knows no LSP type.</summary>
internal sealed record CompletionRequest
{
    /// <summary>The document as it was when the request arrived.</summary>
    public required TextDocument Document { get; init; }

    /// <summary>The cursor's offset in it.</summary>
    public required int Offset { get; init; }

    public required CompletionTrigger Trigger { get; init; }

    public required CompletionSource Source { get; init; }

    /// <summary>The settings as they were when the request arrived.</summary>
    public required ServerSettings Settings { get; init; }

    /// <summary>What the editor's own list would insert at the cursor if its selected entry were accepted.</summary>
    public string Ahead { get; init; } = "";

    /// <summary>The document that is open, where <see cref="Document"/> is what it would be with the selected entry of the editor's own list accepted; null: they are the same.</summary>
    public TextDocument? Open { get; init; }

    /// <summary>The document's path as the model should see it.</summary>
    public string? Path { get; init; }

    /// <summary>Why the document's file is excluded from completions, in a sentence; null: it is not.</summary>
    public string? Exclusion { get; init; }

    /// <summary>What is still being found out about <see cref="Exclusion"/>: nothing is offered before. Null: it is known.</summary>
    public Task<string?>? ExclusionLookup { get; init; }

    /// <inheritdoc cref="InfillRequest.MayLeave"/>
    public bool MayLeave { get; init; }

    /// <summary>What is still being found out about <see cref="MayLeave"/>. Null: it is known.</summary>
    public Task<bool>? LeaveLookup { get; init; }

    /// <summary>Texts of other files for the prompt, the most helpful first.</summary>
    public IReadOnlyList<RelatedText> Related { get; init; } = [];

    /// <summary>Name of the workspace's folder; null: unknown.</summary>
    public string? Repository { get; init; }

    /// <summary>Other files of the workspace, for the n-gram cache; null: none.</summary>
    public WorkspaceIndex? Workspace { get; init; }

    /// <summary>Whether the answer is to end with the line; null: <see cref="LinePolicy"/> decides.</summary>
    public bool? SingleLine { get; init; }

    /// <summary>How to decode; null: as the settings say.</summary>
    public DecodeOptions? Decode { get; init; }

    /// <summary>The line up to the cursor, as if the selected entry of the editor's list were accepted.</summary>
    public string LinePrefix => Document.Text[Document.Lines.LineStart(Line)..Offset] + Ahead;

    /// <summary>What stands between the cursor and the end of its line.</summary>
    public string RestOfLine => Document.Text[Offset..Document.Lines.LineEnd(Line)];

    /// <summary>The request once it is known whether its file is excluded, and whether it may leave.</summary>
    public async Task<CompletionRequest> WithRulesKnownAsync(CancellationToken cancellation) => ExclusionLookup is null && LeaveLookup is null ? this : this with
    {
        Exclusion = ExclusionLookup is { } exclusion ? await exclusion.WaitAsync(cancellation).ConfigureAwait(false) : Exclusion,
        ExclusionLookup = null,
        MayLeave = LeaveLookup is { } leave ? await leave.WaitAsync(cancellation).ConfigureAwait(false) : MayLeave,
        LeaveLookup = null,
    };

    /// <summary>Whether the same is asked of the same model, apart from the text around the cursor.</summary>
    public bool AsksAs(CompletionRequest other) =>
        Path == other.Path && Document.LanguageId == other.Document.LanguageId && Settings == other.Settings && Decode == other.Decode && Related.SequenceEqual(other.Related);

    private int Line => Document.Lines.Place(Offset).Line;
}

/// <summary>Whether a person asked for the completion.</summary>
internal enum CompletionTrigger
{
    /// <summary>The editor asked while the user typed.</summary>
    Automatic,
    /// <summary>The user asked.</summary>
    Invoked,
}

/// <summary>Who asks. Requests supersede only their own kind: editors that show both ask for both at once.</summary>
internal enum CompletionSource
{
    /// <summary>Ghost text.</summary>
    Inline,
    /// <summary>An entry in the completion list.</summary>
    List,
    /// <summary>A selection that is to be written anew.</summary>
    Refill,
    /// <summary>The command line.</summary>
    CommandLine,
    /// <summary>The server itself, ahead of time.</summary>
    Prefetch,
}
