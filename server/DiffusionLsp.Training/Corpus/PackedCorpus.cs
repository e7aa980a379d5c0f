using System.Text;
using System.Text.Json;
using DiffusionLsp.Engine;

namespace DiffusionLsp.Training.Corpus;

/// <summary>A document of a packed corpus: what precedes its text, as a line of JSON.</summary>
/// <param name="Split">train or eval.</param>
/// <param name="Language">As in <see cref="CorpusFolder"/>.</param>
/// <param name="Bytes">Length of the text in UTF-8.</param>
internal sealed record PackedHeader(string Split, string Language, string Package, string Path, string? License, int Bytes);

/// <summary>One part.</summary>
/// <param name="File">Name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Documents">Number of documents.</param>
/// <param name="TextBytes">Size of their texts.</param>
internal sealed record PackedPart(string File, long Bytes, int Documents, long TextBytes);

/// <summary>A package in a packed corpus, with one of the licences that it declares.</summary>
internal sealed record PackedPackage(string Package, string? License, int Documents);

/// <summary>The file <c>index.json</c> of a packed corpus: its parts in order, and where the texts come from.</summary>
internal sealed record PackedIndex(string Format, IReadOnlyList<PackedPart> Parts, IReadOnlyList<PackedPackage> Packages)
{
    public const string FileName = "index.json", CurrentFormat = "diffusion-lsp-corpus-1";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <exception cref="EngineException">It is missing, or not of this format.</exception>
    public static PackedIndex Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            PackedIndex index = JsonSerializer.Deserialize<PackedIndex>(File.ReadAllText(path), Json) ?? throw new JsonException("it contains null");
            if (index.Format != CurrentFormat) throw new JsonException($"its format is '{index.Format}'");
            return index;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' is not the index of a packed corpus ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); make one with corpus pack.", e);
        }
    }
}

/// <summary>
/// Reads the parts that <see cref="CorpusPacker"/> wrote. A part is xz over documents: a line of JSON, the text, a line break; a last line says how many there were.
/// </summary>
internal static class PackedCorpus
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>A document's bytes in a part.</summary>
    public static byte[] Entry(PackedHeader header, ReadOnlySpan<byte> text) => [.. JsonSerializer.SerializeToUtf8Bytes(header, Json), (byte)'\n', .. text, (byte)'\n'];

    /// <summary>A part's last line.</summary>
    public static byte[] End(int documents) => Encoding.UTF8.GetBytes(documents + "\n");

    /// <summary>Waits until a part has arrived whole.</summary>
    /// <param name="limit">How long.</param>
    /// <exception cref="EngineException">It has not.</exception>
    public static void Await(string folder, PackedPart part, TimeSpan limit)
    {
        var file = new FileInfo(Path.Combine(folder, part.File));
        DateTime end = DateTime.UtcNow + limit;
        for (; !file.Exists || file.Length != part.Bytes; file.Refresh())
        {
            if (DateTime.UtcNow >= end)
                throw new EngineException($"'{file.FullName}' {(file.Exists ? $"has {file.Length} bytes where the index expects {part.Bytes}" : "does not exist")}; copy it again, or give it time with --wait-minutes.");
            Thread.Sleep(200);
        }
    }

    /// <summary>A part's documents in order.</summary>
    /// <exception cref="EngineException">The part is damaged, or xz is missing.</exception>
    public static IEnumerable<(PackedHeader Header, CorpusDocument Document)> Read(string path)
    {
        using var reader = new XzReader(path);
        int count = 0;
        while (true)
        {
            byte[] line = Line(reader);
            if (line.Length > 0 && char.IsAsciiDigit((char)line[0]))
            {
                if (Encoding.UTF8.GetString(line) != count.ToString()) throw reader.Damaged("documents are missing");
                reader.Finish();
                yield break;
            }
            PackedHeader header = Header(reader, line);
            byte[] text = new byte[header.Bytes + 1];
            if (reader.Stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length) throw Unfinished(reader);
            count++;
            yield return (header, new CorpusDocument(header.Package, header.Path, header.License, Encoding.UTF8.GetString(text, 0, header.Bytes)));
        }
    }

    private static byte[] Line(XzReader reader)
    {
        var line = new List<byte>();
        for (int next; (next = reader.Stream.ReadByte()) != '\n'; line.Add((byte)next))
            if (next < 0) throw Unfinished(reader);
        return [.. line];
    }

    private static PackedHeader Header(XzReader reader, byte[] line)
    {
        try
        {
            if (JsonSerializer.Deserialize<PackedHeader>(line, Json) is { Bytes: >= 0 } header) return header;
        }
        catch (JsonException) { }
        throw reader.Damaged("a document has no header");
    }

    private static EngineException Unfinished(XzReader reader)
    {
        reader.Finish(); // xz knows better why
        return reader.Damaged("it ends too early");
    }
}
