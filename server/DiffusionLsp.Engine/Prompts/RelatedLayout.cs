using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// How texts of other files are placed before the prefix: delimited by repository and file tokens for models trained with them, else
/// each under a comment with its path, as if it preceded the prefix in the same file. It knows no budget.
/// </summary>
internal abstract class RelatedLayout(CodeTokenizer tokenizer)
{
    protected CodeTokenizer Tokenizer => tokenizer;

    /// <param name="marks">Whether the model was trained with the file tokens that its tokenizer has.</param>
    public static RelatedLayout Of(CodeTokenizer tokenizer, bool marks) =>
        marks && tokenizer.Special.File is { } file ? new FileMarks(tokenizer, file) : new CommentedPaths(tokenizer);

    /// <summary>What precedes all texts.</summary>
    public virtual int[] Begin(InfillRequest request) => [];

    /// <summary>The tokens of one text; null: it cannot be shown in this language.</summary>
    public abstract int[]? Lay(RelatedText text, string? language);

    /// <summary>What separates the last text from the prefix.</summary>
    public virtual int[] End(InfillRequest request) => [];
}

/// <summary>The format Qwen2.5-Coder was trained with (arXiv 2409.12186, section 3.2.2): repository name, then each file's token, path and text, the open file last.</summary>
internal sealed class FileMarks(CodeTokenizer tokenizer, int file) : RelatedLayout(tokenizer)
{
    public override int[] Begin(InfillRequest request) =>
        Tokenizer.Special.Repository is { } repository && request.Repository is { } name ? [repository, .. Tokenizer.Encode(name + "\n")] : [];

    public override int[]? Lay(RelatedText text, string? language) => [file, .. Tokenizer.Encode($"{text.Path}\n{text.Text}\n")];

    public override int[] End(InfillRequest request) => [file, .. Tokenizer.Encode(request.Path is { } path ? PromptLayout.ShortPath(path) + "\n" : "\n")];
}

/// <summary>A comment with the path, then the text: familiar to models that were trained on single files.</summary>
internal sealed class CommentedPaths(CodeTokenizer tokenizer) : RelatedLayout(tokenizer)
{
    private static readonly Dictionary<string, string> LineComments = new()
    {
        ["c"] = "//", ["cpp"] = "//", ["csharp"] = "//", ["fsharp"] = "//", ["go"] = "//", ["java"] = "//", ["javascript"] = "//", ["javascriptreact"] = "//",
        ["kotlin"] = "//", ["php"] = "//", ["rust"] = "//", ["swift"] = "//", ["typescript"] = "//", ["typescriptreact"] = "//",
        ["python"] = "#", ["ruby"] = "#", ["shellscript"] = "#", ["yaml"] = "#", ["lua"] = "--", ["sql"] = "--",
    };

    /// <inheritdoc/>
    /// <remarks>A language without line comments cannot carry the path.</remarks>
    public override int[]? Lay(RelatedText text, string? language) =>
        language is not null && LineComments.TryGetValue(language, out string? leader) ? Tokenizer.Encode($"{leader} {text.Path}\n{text.Text}\n\n") : null;
}
