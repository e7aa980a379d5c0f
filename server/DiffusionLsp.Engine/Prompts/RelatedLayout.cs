using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// How texts of other files stand before the prefix: between the marks of repositories and files in models that were trained with
/// them, else below a comment with their path, as if they stood above the prefix. It knows no budget.
/// </summary>
internal abstract class RelatedLayout(CodeTokenizer tokenizer)
{
    protected CodeTokenizer Tokenizer => tokenizer;

    /// <param name="marks">Whether the model was trained with the marks that its tokenizer has.</param>
    public static RelatedLayout Of(CodeTokenizer tokenizer, bool marks) =>
        marks && tokenizer.Special.File is { } file ? new FileMarks(tokenizer, file) : new CommentedPaths(tokenizer);

    /// <summary>What stands before all texts.</summary>
    public virtual int[] Begin(InfillRequest request) => [];

    /// <summary>One text; null: it cannot be shown in this language.</summary>
    public abstract int[]? Lay(RelatedText text, string? language);

    /// <summary>What stands between the last text and the prefix.</summary>
    public virtual int[] End(InfillRequest request) => [];
}

/// <summary>As Qwen2.5-Coder was trained (arXiv 2409.12186, section 3.2.2): repository name, then each file's mark, path and text, the open file's last.</summary>
internal sealed class FileMarks(CodeTokenizer tokenizer, int file) : RelatedLayout(tokenizer)
{
    public override int[] Begin(InfillRequest request) =>
        Tokenizer.Special.Repository is { } repository && request.Repository is { } name ? [repository, .. Tokenizer.Encode(name + "\n")] : [];

    public override int[]? Lay(RelatedText text, string? language) => [file, .. Tokenizer.Encode($"{text.Path}\n{text.Text}\n")];

    public override int[] End(InfillRequest request) => [file, .. Tokenizer.Encode(request.Path is { } path ? PromptLayout.ShortPath(path) + "\n" : "\n")];
}

/// <summary>A comment with the path, then the text. Models that know single files only have seen such text.</summary>
internal sealed class CommentedPaths(CodeTokenizer tokenizer) : RelatedLayout(tokenizer)
{
    private static readonly Dictionary<string, string> LineComments = new()
    {
        ["c"] = "//", ["cpp"] = "//", ["csharp"] = "//", ["fsharp"] = "//", ["go"] = "//", ["java"] = "//", ["javascript"] = "//", ["javascriptreact"] = "//",
        ["kotlin"] = "//", ["php"] = "//", ["rust"] = "//", ["swift"] = "//", ["typescript"] = "//", ["typescriptreact"] = "//",
        ["python"] = "#", ["ruby"] = "#", ["shellscript"] = "#", ["yaml"] = "#", ["lua"] = "--", ["sql"] = "--",
    };

    /// <inheritdoc/>
    /// <remarks>Without line comments a path cannot be written.</remarks>
    public override int[]? Lay(RelatedText text, string? language) =>
        language is not null && LineComments.TryGetValue(language, out string? leader) ? Tokenizer.Encode($"{leader} {text.Path}\n{text.Text}\n\n") : null;
}
