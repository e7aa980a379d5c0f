namespace DiffusionLsp.Training.Corpus;

/// <summary>
/// The files of <c>eng/samples/cases</c>, embedded in this program: some texts of this repository that the embedded model was not
/// trained on, for quick looks. It knows no tokens.
/// </summary>
internal static class OwnTexts
{
    private const string Folder = "cases";
    private const string Package = "diffusion-lsp";

    /// <summary>The splits that have files.</summary>
    public static IReadOnlyList<string> Splits { get; } = ["eval", "train"];

    /// <summary>The files of one language and split, ordered by name.</summary>
    public static IReadOnlyList<CorpusDocument> Of(string language, string split)
    {
        string start = $"{Folder}/{split}/{language}/";
        return [.. typeof(OwnTexts).Assembly.GetManifestResourceNames()
            .Select(name => (Name: name, Path: name.Replace('\\', '/'))) // the build uses its platform's separators
            .Where(r => r.Path.StartsWith(start, StringComparison.Ordinal)).OrderBy(r => r.Path, StringComparer.Ordinal)
            .Select(r => new CorpusDocument(Package, r.Path[start.Length..], "MIT", Read(r.Name)))];
    }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(OwnTexts).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
