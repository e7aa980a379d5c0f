using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// <c>textDocument/codeAction</c>: offers to rewrite a selection. Editors request actions on every cursor movement, so nothing
/// is computed here; the command does that when it is chosen.
/// </summary>
internal sealed class CodeActionHandler(ContextService related) : IRequestHandler<CodeActionParams>
{
    public const string Kind = "refactor.rewrite";
    private const string Title = "Refill selection";

    public string Method => "textDocument/codeAction";

    public async Task<object?> HandleAsync(CodeActionParams parameters, RequestContext context, CancellationToken cancellation)
    {
        bool offered = parameters.Range.Start != parameters.Range.End && IsAskedFor(parameters.Context?.Only)
            && context.Find(parameters.TextDocument.Uri) is { } document && await IsPossibleAsync(document, context).ConfigureAwait(false);
        if (!offered) return Array.Empty<object>();
        var command = new ClientCommand(Title, RefillCommand.CommandName, [parameters.TextDocument.Uri, parameters.Range]);
        return context.Client.CodeActions ? new[] { new CodeAction(Title, Kind, command) } : new[] { command };
    }

    private async Task<bool> IsPossibleAsync(TextDocument document, RequestContext context) =>
        document.IsInStep && context.Settings.Enabled && context.Settings.Languages.IsOn(document.LanguageId)
        && await related.ExclusionAsync(document, context.Settings, context.Roots).ConfigureAwait(false) is null;

    /// <summary>A requested kind includes all kinds below it: "refactor" includes "refactor.rewrite".</summary>
    private static bool IsAskedFor(IReadOnlyList<string>? only) =>
        only is null || only.Any(kind => kind.Length == 0 || Kind == kind || Kind.StartsWith(kind + ".", StringComparison.Ordinal));
}
