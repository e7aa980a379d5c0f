using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Metrics;

/// <summary>
/// The outcomes of suggestions, by model and confidence, as a small JSON file beside the metrics: counts and names of models. It is
/// replaced atomically, so readers never see half of it; if two servers write at the same moment, one of them loses a count.
/// </summary>
internal sealed class AcceptanceFile(string folder)
{
    private const string Name = "acceptance.json", Format = "diffusion-lsp-acceptance-1";
    private const int MostBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, NewLine = "\n",
    };

    public string Path { get; } = System.IO.Path.Combine(folder, Name);

    /// <summary>The counts by name of the model; empty if there is no file. If it is unusable they are empty too, and a sentence says why.</summary>
    public (ImmutableDictionary<string, AcceptanceCounts> Counts, string? Problem) Read()
    {
        if (!System.IO.Path.Exists(Path)) return (None, null);
        try
        {
            Stored stored = JsonSerializer.Deserialize<Stored>(RegularFile.ReadBytes(Path, MostBytes), Json) ?? throw new InvalidDataException("it contains null");
            if (stored.Format != Format) throw new InvalidDataException($"its format is '{stored.Format}', not {Format}");
            var counts = stored.Models.ToImmutableDictionary(m => m.Key, m => new AcceptanceCounts([.. m.Value ?? []]));
            return counts.Values.All(c => c.IsValid) ? (counts, null) : throw new InvalidDataException("its counts do not fit together");
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
        {
            return (None, $"'{Path}' cannot be used, so what was learned from accepted suggestions is lost and learning starts again: {Cause(e)}.");
        }
    }

    /// <summary>Replaces the file. Returns why it failed, in a sentence; null: it succeeded.</summary>
    public string? Write(IReadOnlyDictionary<string, AcceptanceCounts> counts)
    {
        string partial = $"{Path}.{Environment.ProcessId}.partial";
        return Try(() =>
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(partial, JsonSerializer.Serialize(new Stored(Format, counts.ToDictionary(c => c.Key, c => (IReadOnlyList<AcceptanceBucket>)c.Value.Buckets)), Json) + "\n");
            File.Move(partial, Path, overwrite: true);
        });
    }

    /// <summary>Deletes all counts. Returns why it failed, in a sentence; null: it succeeded, or there were none.</summary>
    public string? Delete() => Try(() =>
    {
        if (Directory.Exists(folder)) File.Delete(Path);
    });

    private static ImmutableDictionary<string, AcceptanceCounts> None => ImmutableDictionary<string, AcceptanceCounts>.Empty;

    private static string Cause(Exception e) => e is JsonException json ? $"line {(json.LineNumber ?? 0) + 1} was not written by this program" : e.Message.TrimEnd('.');

    private string? Try(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{Path}' cannot be changed: {e.Message.TrimEnd('.')}.";
        }
    }

    private sealed record Stored(string Format, IReadOnlyDictionary<string, IReadOnlyList<AcceptanceBucket>> Models);
}
