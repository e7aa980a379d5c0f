using System.CommandLine;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>The languages of the corpus, as LSP language identifiers. It knows nothing of files or weights.</summary>
internal static class Languages
{
    /// <summary>Those that the embedded model is trained on; verbs that measure it use them by default.</summary>
    public static IReadOnlyList<string> All { get; } = ["csharp", "typescript", "javascript", "python"];

    /// <summary>All that eng/corpus fetches, for models to come.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. All, "go", "rust", "java", "c", "cpp"];

    /// <summary>The option that chooses among them.</summary>
    public static Option<string[]> Option() => new("--languages") { DefaultValueFactory = _ => [.. All], AllowMultipleArgumentsPerToken = true, Description = "Languages." };

    /// <summary>Checks the values of an option.</summary>
    /// <exception cref="EngineException">One is none of <see cref="Known"/>.</exception>
    public static void Check(IEnumerable<string> languages)
    {
        foreach (string language in languages)
            if (!Known.Contains(language)) throw new EngineException($"There is no language '{language}'; use {string.Join(", ", Known)}.");
    }
}
