namespace DiffusionLsp.Server.Completion;

/// <summary>Why a request got no completion: one name for each outcome of <see cref="CompletionSession"/>.</summary>
internal enum NothingReason
{
    /// <summary>The setting <c>enabled</c> is off.</summary>
    Disabled,
    /// <summary>The setting <c>languages</c> turns this language off.</summary>
    LanguageDisabled,
    /// <summary>The file is excluded: it may hold secrets, or the settings exclude it.</summary>
    Excluded,
    /// <summary>A change of the document could not be applied, so its text is unknown until the client sends all of it.</summary>
    OutOfStep,
    /// <summary>The setting <c>trigger</c> is manual, and the request was automatic.</summary>
    ManualOnly,
    /// <summary>The document is larger than <c>maxFileKilobytes</c>.</summary>
    FileTooLarge,
    /// <summary>The cursor is inside a word, or after half a surrogate pair.</summary>
    InsideWord,
    /// <summary>There is code right of the cursor, and the setting <c>midLine</c> forbids completions there.</summary>
    MidLine,
    /// <summary>A newer request for the same document superseded this one.</summary>
    Superseded,
    /// <summary>The document was changed or closed while the completion was computed.</summary>
    DocumentChanged,
    /// <summary>The model is still loading.</summary>
    ModelLoading,
    /// <summary>The model could not be loaded; the status says why.</summary>
    ModelFailed,
    /// <summary>The model failed on this request; the log says why.</summary>
    DecodeFailed,
    /// <summary>The remote engine does not answer or may not be used, and there is no local model to fall back to.</summary>
    RemoteUnavailable,
    /// <summary>The model wrote nothing, or only whitespace.</summary>
    Blank,
    /// <summary>The model wrote invalid text: U+FFFD, or half a surrogate pair.</summary>
    BrokenText,
    /// <summary>The model started with a line break where one line was wanted.</summary>
    NothingOnLine,
    /// <summary>The model wrote only what already follows the cursor.</summary>
    RepeatsSuffix,
    /// <summary>The model repeated the next line.</summary>
    RepeatsNextLine,
    /// <summary>The model repeated a line or the body of a block nearby.</summary>
    RepeatsNeighbour,
    /// <summary>The model wrote code in a comment or string.</summary>
    CodeInText,
    /// <summary>The model wrote syntax that the language does not have.</summary>
    NotTheLanguage,
    /// <summary>The model wrote, or is confident of, only the beginning of something that cannot be inserted without its end.</summary>
    Unfinished,
    /// <summary>Replacing the selection with the model's text would drop a name that the rest of the file uses.</summary>
    DropsNames,
    /// <summary>Replacing the selection with the model's text would leave a bracket or quote open.</summary>
    Unbalanced,
    /// <summary>The model repeated the selection.</summary>
    SameAgain,
    /// <summary>The model repeated itself from the start.</summary>
    Repetitive,
    /// <summary>The model's text starts outside the cursor's block.</summary>
    OutsideBlock,
    /// <summary>The model's confidence is too low for the setting <c>suggestions</c>.</summary>
    Unsure,
}
