using DiffusionLsp.Server.Context;
using DiffusionLsp.Server.Dispatch;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Protocol;

namespace DiffusionLsp.Server.Handlers;

/// <summary>
/// <c>textDocument/codeAction</c>: offers to write a selection anew. Editors ask at every move of the cursor, so nothing
/// is computed here; the command does that when it is chosen.
/// </summary>
internal sealed class CodeActionHandler(ContextService related) : IRequestHandler<CodeActionParams>
{
    public const string Kind = "refactor.rewrite";
    private const string Title = "Refill selection";

    public string Method => "textDocument/codeAction";

    public Task<object?> HandleAsync(CodeActionParams parameters, RequestContext context, CancellationToken cancellation)
    {
        bool offered = parameters.Range.Start != parameters.Range.End && IsAskedFor(parameters.Context?.Only)
            && context.Documents.GetValueOrDefault(parameters.TextDocument.Uri) is { } document && IsPossible(document, context);
        if (!offered) return Task.FromResult<object?>(Array.Empty<object>());
        var command = new ClientCommand(Title, RefillCommand.CommandName, [parameters.TextDocument.Uri, parameters.Range]);
        return Task.FromResult<object?>(context.Client.CodeActions ? new[] { new CodeAction(Title, Kind, command) } : new[] { command });
    }

    private bool IsPossible(TextDocument document, RequestContext context) =>
        context.Settings.Enabled && context.Settings.Languages.IsOn(document.LanguageId) && related.ExclusionOf(document, context.Settings, context.Roots) is null;

    /// <summary>A kind asks for itself and all below it: "refactor" for "refactor.rewrite".</summary>
    private static bool IsAskedFor(IReadOnlyList<string>? only) =>
        only is null || only.Any(kind => kind.Length == 0 || Kind == kind || Kind.StartsWith(kind + ".", StringComparison.Ordinal));
}
