namespace DiffusionLsp.Server.Completion;

/// <summary>Explains to the user, in a sentence, why there is no suggestion. Pure.</summary>
internal static class NothingSentences
{
    /// <summary>The sentence, with the setting that decides, if there is one; null for reasons that disappear within a keystroke.</summary>
    public static string? Of(CompletionRequest request, Nothing nothing) => nothing.Reason switch
    {
        NothingReason.Superseded or NothingReason.DocumentChanged => null,
        NothingReason.Disabled => "Completions are turned off (setting diffusionLsp.enabled).",
        NothingReason.LanguageDisabled => $"Completions are turned off for {request.Document.LanguageId} (setting diffusionLsp.languages).",
        NothingReason.Excluded => request.Exclusion,
        NothingReason.OutOfStep => "An earlier edit of this file could not be applied, so its text is not known; close the file and open it again.",
        NothingReason.ManualOnly => "Completions appear only when you ask for them (setting diffusionLsp.trigger).",
        NothingReason.FileTooLarge => $"This file has more than {request.Settings.MaxFileKilobytes} thousand characters (setting diffusionLsp.maxFileKilobytes).",
        NothingReason.InsideWord => "The cursor is inside a word.",
        NothingReason.MidLine => "There is code to the right of the cursor (setting diffusionLsp.midLine).",
        NothingReason.ModelLoading => "The model is loading.",
        NothingReason.ModelFailed => nothing.Detail ?? "The model could not be loaded.",
        NothingReason.DecodeFailed => nothing.Detail ?? "The model failed on this request; see the log.",
        NothingReason.RemoteUnavailable => nothing.Detail ?? "The remote engine does not answer (setting diffusionLsp.remoteUrl).",
        NothingReason.Blank or NothingReason.NothingOnLine => "The model had nothing to add here.",
        NothingReason.BrokenText => "The model wrote something that is not text.",
        NothingReason.RepeatsSuffix => "The model repeated the text after the cursor.",
        NothingReason.RepeatsNextLine => "The model repeated the next line.",
        NothingReason.RepeatsNeighbour => "The model repeated nearby code.",
        NothingReason.CodeInText => "The model wrote code in a comment or string.",
        NothingReason.NotTheLanguage => "The model wrote syntax that the language does not have.",
        NothingReason.Unfinished => "The model wrote only the beginning of a statement.",
        NothingReason.DropsNames => "The model left out a name that the rest of the file uses.",
        NothingReason.Unbalanced => "The model left a bracket or quote open.",
        NothingReason.SameAgain => "The model wrote the same text again.",
        NothingReason.Repetitive => "The model repeated itself.",
        NothingReason.OutsideBlock => "The model's text does not belong to this block.",
        NothingReason.Unsure => "The model was not sure enough (setting diffusionLsp.suggestions).",
        _ => throw new ArgumentOutOfRangeException(nameof(nothing), nothing.Reason, null),
    };
}
