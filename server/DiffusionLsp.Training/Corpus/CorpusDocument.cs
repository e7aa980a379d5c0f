using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>One source file of the corpus. It knows nothing of tokens or filters.</summary>
/// <param name="Package">Its package: kind, name and version.</param>
/// <param name="Path">Path inside the package, forward slashes.</param>
/// <param name="License">Licence as the package declares it.</param>
/// <param name="Text">Content, with LF line endings.</param>
internal sealed record CorpusDocument(
    [property: JsonPropertyName("pkg")] string Package,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("license")] string? License,
    [property: JsonPropertyName("text")] string Text)
{
    /// <summary>A hash for sampling and shuffling that is the same in every run, on every platform and in any order.</summary>
    public ulong Hash() => StableHash.Of(Package + "\n" + Path);
}

/// <summary>Reads the corpus folder that <c>eng/corpus/fetch.sh</c> writes, line by line.</summary>
internal static class CorpusFolder
{
    /// <summary>The file of one language and split (<c>train</c> or <c>eval</c>); the folder may be the work folder or its <c>out</c>.</summary>
    /// <exception cref="EngineException">There is no such file.</exception>
    public static string FileOf(string folder, string split, string language)
    {
        string below = Path.Combine(folder, "out", split, language + ".jsonl.gz");
        string direct = Path.Combine(folder, split, language + ".jsonl.gz");
        if (File.Exists(below)) return below;
        if (File.Exists(direct)) return direct;
        throw new EngineException($"'{folder}' holds no out/{split}/{language}.jsonl.gz; run eng/corpus/fetch.sh and name its work folder.");
    }

    /// <summary>The languages that have a file of this split, in alphabetical order.</summary>
    public static IReadOnlyList<string> LanguagesOf(string folder, string split)
    {
        const string ending = ".jsonl.gz";
        string place = new[] { Path.Combine(folder, "out", split), Path.Combine(folder, split) }.FirstOrDefault(Directory.Exists) ?? "";
        return place == "" ? [] : [.. Directory.EnumerateFiles(place, "*" + ending).Select(f => Path.GetFileName(f)[..^ending.Length]).Order(StringComparer.Ordinal)];
    }

    /// <summary>The embedded model's languages, which a corpus must have, then the others that this one has.</summary>
    public static IReadOnlyList<string> TrainingLanguages(string folder) => [.. Languages.All.Concat(LanguagesOf(folder, "train")).Distinct()];

    /// <summary>The documents of one file, in order.</summary>
    /// <exception cref="EngineException">The file is damaged.</exception>
    public static IEnumerable<CorpusDocument> Read(string file)
    {
        int number = 0;
        foreach (string line in ReadLines(file))
        {
            number++;
            yield return Parse(file, number, line);
        }
    }

    /// <summary>The uncompressed size in bytes, read but not parsed.</summary>
    public static long UncompressedSize(string file)
    {
        using GZipStream stream = new(File.OpenRead(file), CompressionMode.Decompress);
        byte[] buffer = new byte[1 << 20];
        long size = 0;
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0;) size += read;
        }
        catch (InvalidDataException e) { throw Damaged(file, e); }
        return size;
    }

    private static IEnumerable<string> ReadLines(string file)
    {
        using StreamReader reader = new(new GZipStream(File.OpenRead(file), CompressionMode.Decompress), new UTF8Encoding(false), false, 1 << 18);
        while (true)
        {
            string? line;
            try { line = reader.ReadLine(); }
            catch (InvalidDataException e) { throw Damaged(file, e); }
            if (line is null) yield break;
            if (line.Length > 0) yield return line;
        }
    }

    private static CorpusDocument Parse(string file, int number, string line)
    {
        try
        {
            CorpusDocument? document = JsonSerializer.Deserialize<CorpusDocument>(line);
            if (document is { Package: not null, Path: not null, Text: not null }) return document;
        }
        catch (JsonException) { }
        throw new EngineException($"'{file}' line {number} is not a record with pkg, path, license and text; run eng/corpus/fetch.sh again.");
    }

    private static EngineException Damaged(string file, Exception e) =>
        new($"'{file}' is not a whole gzip file ({e.Message.TrimEnd('.')}); run eng/corpus/fetch.sh again.", e);
}
