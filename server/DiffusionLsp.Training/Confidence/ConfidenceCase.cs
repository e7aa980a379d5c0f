using System.IO.Compression;
using System.Text.Json;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Training.Evaluate;

namespace DiffusionLsp.Training.Confidence;

/// <summary>One completion as served, with what the decode knew of its tokens, and what stood there.</summary>
/// <param name="Package">Cases of one package are never on both sides of a split.</param>
/// <param name="Completion">Cut as an editor would cut it.</param>
internal sealed record ConfidenceCase(string Language, string Task, string Package, string Truth, string Completion, IReadOnlyList<WrittenToken> Tokens, CompletionPlace Place)
{
    /// <summary>How many characters of the completion are right.</summary>
    public int Right { get; } = Completion.AsSpan().CommonPrefixLength(Truth);

    /// <summary>Whether a beginning of the completion is right to its last character, blanks at its end aside.</summary>
    public bool IsRight(int length) => Completion.AsSpan(0, length).TrimEnd().Length <= Right;

    /// <summary>Characters that a beginning of the completion saves.</summary>
    public int Saved(int length) => CompletionMetrics.Saved(Completion[..length], Truth);
}

/// <summary>What the cases of one file have in common.</summary>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Split">train or eval.</param>
internal sealed record ConfidenceHeader(string Format, string Model, string Split)
{
    public const string CurrentFormat = "diffusion-lsp-confidence-cases-1";
}

/// <summary>Cases as gzipped lines of JSON, the header first.</summary>
internal static class ConfidenceCaseFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public static void Write(string path, ConfidenceHeader header, IEnumerable<ConfidenceCase> cases)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        writer.WriteLine(JsonSerializer.Serialize(header, Json));
        foreach (ConfidenceCase found in cases) writer.WriteLine(JsonSerializer.Serialize(found, Json));
    }

    /// <exception cref="EngineException">The file is missing, damaged, or of another format.</exception>
    public static (ConfidenceHeader Header, IReadOnlyList<ConfidenceCase> Cases) Read(string path)
    {
        try
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
            ConfidenceHeader header = JsonSerializer.Deserialize<ConfidenceHeader>(reader.ReadLine() ?? "null", Json) ?? throw new InvalidDataException("it is empty");
            if (header.Format != ConfidenceHeader.CurrentFormat) throw new InvalidDataException($"its format is '{header.Format}'");
            var cases = new List<ConfidenceCase>();
            while (reader.ReadLine() is { } line) cases.Add(JsonSerializer.Deserialize<ConfidenceCase>(line, Json)!);
            return (header, cases);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' holds no completions ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); make them with the verb confidence collect.", e);
        }
    }
}
