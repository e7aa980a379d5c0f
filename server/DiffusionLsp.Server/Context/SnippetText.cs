namespace DiffusionLsp.Server.Context;

/// <summary>
/// A snippet as the model sees it: a comment with the path, then the code, as if both stood above the prefix. Models
/// that know single files only have seen such text; they have not seen tokens for repositories.
/// </summary>
internal static class SnippetText
{
    private static readonly Dictionary<string, string> LineComments = new()
    {
        ["c"] = "//", ["cpp"] = "//", ["csharp"] = "//", ["fsharp"] = "//", ["go"] = "//", ["java"] = "//", ["javascript"] = "//", ["javascriptreact"] = "//",
        ["kotlin"] = "//", ["php"] = "//", ["rust"] = "//", ["swift"] = "//", ["typescript"] = "//", ["typescriptreact"] = "//",
        ["python"] = "#", ["ruby"] = "#", ["shellscript"] = "#", ["yaml"] = "#", ["lua"] = "--", ["sql"] = "--",
    };

    /// <summary>Null for languages without line comments, where a path cannot be written.</summary>
    public static string? Compose(ContextSnippet snippet, string languageId) =>
        LineComments.TryGetValue(languageId, out string? leader) ? $"{leader} {snippet.Path}\n{snippet.Text}\n\n" : null;
}
