using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Replaces the text between two marks of a document, which may have further pairs of marks with a name. It knows no table.</summary>
internal static class ResultDocument
{
    /// <summary>The line before the generated text.</summary>
    public const string Begin = "<!-- measured: begin -->";

    /// <summary>The line after the generated text.</summary>
    public const string End = "<!-- measured: end -->";

    /// <summary>The marks of a part, so that runs of several settings stand in one document.</summary>
    /// <param name="part">Its name; null: the marks without one.</param>
    public static (string Begin, string End) Marks(string? part) => part is null ? (Begin, End) : ($"<!-- measured, {part}: begin -->", $"<!-- measured, {part}: end -->");

    /// <param name="name">The document's, for the error.</param>
    /// <param name="part">As in <see cref="Marks"/>.</param>
    /// <exception cref="EngineException">The document has no such marks, or more than one pair.</exception>
    public static string Replace(string document, string text, string name, string? part = null)
    {
        (string first, string last) = Marks(part);
        int begin = document.IndexOf(first, StringComparison.Ordinal), end = document.IndexOf(last, StringComparison.Ordinal);
        if (begin < 0 || end < begin || document.LastIndexOf(first, StringComparison.Ordinal) != begin || document.LastIndexOf(last, StringComparison.Ordinal) != end)
            throw new EngineException($"'{name}' must hold the line '{first}' and, below it, the line '{last}', each once; the table goes between them.");
        return $"{document[..(begin + first.Length)]}\n\n{text.Trim()}\n\n{document[end..]}";
    }
}
