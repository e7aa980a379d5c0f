namespace DiffusionLsp.Server.Completion;

/// <summary>Why a request got no completion: one name for each way out of <see cref="CompletionSession"/>.</summary>
internal enum NothingReason
{
    /// <summary>The setting <c>enabled</c> is off.</summary>
    Disabled,
    /// <summary>The setting <c>languages</c> switches this language off.</summary>
    LanguageDisabled,
    /// <summary>The file is excluded: it holds secrets, or the user said so.</summary>
    Excluded,
    /// <summary>A change of the document could not be applied, so its text is not known until the client sends all of it.</summary>
    OutOfStep,
    /// <summary>The setting <c>trigger</c> is manual and nobody asked.</summary>
    ManualOnly,
    /// <summary>The document is larger than <c>maxFileKilobytes</c>.</summary>
    FileTooLarge,
    /// <summary>There is a part of a word on both sides of the cursor, or half of a character before it.</summary>
    InsideWord,
    /// <summary>Code stands right of the cursor, and the setting <c>midLine</c> keeps out of there.</summary>
    MidLine,
    /// <summary>A newer request for the same document took this one's place.</summary>
    Superseded,
    /// <summary>The document was changed or closed while the completion was computed.</summary>
    DocumentChanged,
    /// <summary>The model is still being loaded.</summary>
    ModelLoading,
    /// <summary>The model could not be loaded; the status says why.</summary>
    ModelFailed,
    /// <summary>The model failed on this request; the log says why.</summary>
    DecodeFailed,
    /// <summary>The engine elsewhere does not answer or must not be asked, and no model of this machine stands in for it.</summary>
    RemoteUnavailable,
    /// <summary>The model wrote nothing, or only blanks.</summary>
    Blank,
    /// <summary>The model wrote what is no text: U+FFFD, or half a character.</summary>
    BrokenText,
    /// <summary>The model wrote a line break where one line was wanted.</summary>
    NothingOnLine,
    /// <summary>The model wrote what follows the cursor anyway.</summary>
    RepeatsSuffix,
    /// <summary>The model wrote the next line again.</summary>
    RepeatsNextLine,
    /// <summary>The model wrote a line or the body of a block nearby again.</summary>
    RepeatsNeighbour,
    /// <summary>The model wrote code in a comment or string.</summary>
    CodeInText,
    /// <summary>The model wrote what the language does not have.</summary>
    NotTheLanguage,
    /// <summary>The model wrote, or is sure of, only the beginning of something that the document cannot take without its end.</summary>
    Unfinished,
    /// <summary>In the place of a selection, what the model wrote would leave out a name that the rest of the file uses.</summary>
    DropsNames,
    /// <summary>In the place of a selection, what the model wrote would leave a bracket or quote open.</summary>
    Unbalanced,
    /// <summary>The model wrote what was selected.</summary>
    SameAgain,
    /// <summary>The model went round in circles from the start.</summary>
    Repetitive,
    /// <summary>The model left the block at once.</summary>
    OutsideBlock,
    /// <summary>The model is too unsure of what it wrote for the setting <c>suggestions</c>.</summary>
    Unsure,
}
