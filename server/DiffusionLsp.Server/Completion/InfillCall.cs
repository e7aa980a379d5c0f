using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion.Postprocess;

namespace DiffusionLsp.Server.Completion;

/// <summary>The engine's request, and the text around the hole with which post-processing compares its answer: the only path from a request to the model, for completions, refills and traces. Pure.</summary>
internal sealed record InfillCall(InfillRequest Request, DecodeOptions Options, Surroundings Surroundings)
{
    /// <summary>A completion at the request's cursor.</summary>
    public static InfillCall ForCompletion(CompletionRequest request)
    {
        (string prefix, string suffix) = ContextWindow.Cut(request);
        bool singleLine = LinePolicy.IsSingleLine(request);
        return Of(request, prefix, suffix, ContextWindow.Before(request), singleLine, LengthAndKnobs(request, singleLine));
    }

    /// <summary>A text that replaces a selection. It has no latency budget: half an edit is useless.</summary>
    public static InfillCall ForRefill(RefillRequest request, RefillHole hole)
    {
        CompletionRequest selection = request.Selection;
        (string prefix, string suffix) = ContextWindow.Cut(selection.Document.Text, hole.Start, hole.End, selection.Settings.PromptTokens);
        DecodeOptions options = LengthAndKnobs(selection, singleLine: false) with { Length = request.MaxTokens ?? selection.Settings.MaxTokensRefill };
        InfillCall call = Of(selection, prefix, suffix, ContextWindow.Before(selection.Document.Text, hole.Start), hole.IsInsideLine(selection.Document), options);
        return call with { Request = call.Request with { UsesFimMiddle = true, Budget = null } };
    }

    private static InfillCall Of(CompletionRequest request, string prefix, string suffix, string before, bool singleLine, DecodeOptions options)
    {
        Surroundings surroundings = Surroundings.Of(prefix, suffix, singleLine, request.Document.LanguageId, before);
        var asked = new InfillRequest
        {
            Prefix = prefix,
            Suffix = suffix,
            Path = request.Path,
            Language = request.Document.LanguageId,
            SingleLine = singleLine,
            Repository = request.Repository,
            Related = request.Related,
            Workspace = request.Workspace,
            RelatedTokens = request.Settings.CrossFileTokens,
            MayLeave = request.MayLeave,
            // An explicit request waits for the whole completion.
            Budget = request.Trigger == CompletionTrigger.Invoked || request.Settings.LatencyBudgetMs == 0 ? null : TimeSpan.FromMilliseconds(request.Settings.LatencyBudgetMs),
            Progress = written => EnoughLines.Are(written, surroundings),
        };
        return new InfillCall(asked, options, surroundings);
    }

    /// <summary>The decode options of the settings, or of the request itself.</summary>
    private static DecodeOptions LengthAndKnobs(CompletionRequest request, bool singleLine) =>
        request.Decode ?? request.Settings.Decode with { Length = singleLine ? request.Settings.MaxTokensSingleLine : request.Settings.MaxTokensMultiLine };
}
