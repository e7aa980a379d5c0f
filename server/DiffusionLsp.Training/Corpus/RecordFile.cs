using System.IO.Compression;
using System.Text.Json;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>Reads and writes records as gzipped lines of JSON after a header. It does not interpret them.</summary>
internal static class RecordFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>Writes a file, and creates its folder if needed.</summary>
    public static void Write<THeader, TRecord>(string path, THeader header, IEnumerable<TRecord> records)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        writer.WriteLine(JsonSerializer.Serialize(header, Json));
        foreach (TRecord found in records) writer.WriteLine(JsonSerializer.Serialize(found, Json));
    }

    /// <summary>Reads a file.</summary>
    /// <param name="format">How to get the format from the header, and the expected one.</param>
    /// <param name="what">What the records are and the verb that makes them, for the error message.</param>
    /// <exception cref="EngineException">The file is missing, damaged, or in another format.</exception>
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
            throw new EngineException($"'{path}' contains no {what.Records} ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); make them with the verb {what.Verb}.", e);
        }
    }
}
