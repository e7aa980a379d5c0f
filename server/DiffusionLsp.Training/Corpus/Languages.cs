namespace DiffusionLsp.Training.Corpus;

/// <summary>The languages that the embedded model is trained on. It knows nothing of files or weights.</summary>
internal static class Languages
{
    /// <summary>LSP language identifiers, as the corpus and the shards spell them.</summary>
    public static IReadOnlyList<string> All { get; } = ["csharp", "typescript", "javascript", "python"];
}
