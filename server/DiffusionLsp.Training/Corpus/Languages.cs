namespace DiffusionLsp.Training.Corpus;

/// <summary>The languages that the embedded model is trained on, in one place. It knows nothing of files or weights.</summary>
internal static class Languages
{
    /// <summary>Names as the corpus and the shards spell them; LSP language identifiers.</summary>
    public static IReadOnlyList<string> All { get; } = ["csharp", "typescript", "javascript", "python"];
}
