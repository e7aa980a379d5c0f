using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>Replaces the text between two marks of a document. It knows no table.</summary>
internal static class ResultDocument
{
    /// <summary>The line before the generated text.</summary>
    public const string Begin = "<!-- measured: begin -->";

    /// <summary>The line after the generated text.</summary>
    public const string End = "<!-- measured: end -->";

    /// <exception cref="EngineException">The document has no marks, or more than one pair.</exception>
    public static string Replace(string document, string text, string name)
    {
        int begin = document.IndexOf(Begin, StringComparison.Ordinal), end = document.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin || document.LastIndexOf(Begin, StringComparison.Ordinal) != begin || document.LastIndexOf(End, StringComparison.Ordinal) != end)
            throw new EngineException($"'{name}' must hold the line '{Begin}' and, below it, the line '{End}', each once; the table goes between them.");
        return $"{document[..(begin + Begin.Length)]}\n\n{text.Trim()}\n\n{document[end..]}";
    }
}
