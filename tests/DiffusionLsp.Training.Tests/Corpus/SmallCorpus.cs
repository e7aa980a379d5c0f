using System.IO.Compression;
using System.Text.Json;
using DiffusionLsp.Training.Corpus;

namespace DiffusionLsp.Training.Tests.Corpus;

/// <summary>Builds documents and corpus files for tests. It knows nothing of tokens.</summary>
internal static class SmallCorpus
{
    /// <summary>A document with only a text of interest.</summary>
    public static CorpusDocument Document(string text, string path = "a/b.cs", string package = "test:one@1") => new(package, path, "MIT", text);

    /// <summary>Writes documents as <c>out/SPLIT/LANGUAGE.jsonl.gz</c> and returns the file's path.</summary>
    public static string Write(string folder, string split, string language, params IEnumerable<CorpusDocument> documents)
    {
        string file = Path.Combine(folder, "out", split, language + ".jsonl.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using StreamWriter writer = new(new GZipStream(File.Create(file), CompressionLevel.Fastest));
        foreach (CorpusDocument document in documents) writer.Write(JsonSerializer.Serialize(document) + "\n");
        return file;
    }
}
