using System.IO.Compression;
using System.Text.Json;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>Records as gzipped lines of JSON behind a header. It does not know what they mean.</summary>
internal static class RecordFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>Writes a file, and its folder if there is none.</summary>
    public static void Write<THeader, TRecord>(string path, THeader header, IEnumerable<TRecord> records)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        writer.WriteLine(JsonSerializer.Serialize(header, Json));
        foreach (TRecord found in records) writer.WriteLine(JsonSerializer.Serialize(found, Json));
    }

    /// <summary>Reads a file.</summary>
    /// <param name="format">The format that the header names, and the one that it must name.</param>
    /// <param name="what">What the records are, and the verb that makes them, for the refusal.</param>
    /// <exception cref="EngineException">The file is missing, damaged, or of another format.</exception>
    public static (THeader Header, IReadOnlyList<TRecord> Records) Read<THeader, TRecord>(string path, (Func<THeader, string> Of, string Wanted) format, (string Records, string Verb) what)
        where THeader : class
    {
        try
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            THeader header = JsonSerializer.Deserialize<THeader>(reader.ReadLine() ?? "null", Json) ?? throw new InvalidDataException("it is empty");
            if (format.Of(header) != format.Wanted) throw new InvalidDataException($"its format is '{format.Of(header)}'");
            var records = new List<TRecord>();
            while (reader.ReadLine() is { } line) records.Add(JsonSerializer.Deserialize<TRecord>(line, Json)!);
            return (header, records);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' holds no {what.Records} ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); make them with the verb {what.Verb}.", e);
        }
    }
}
