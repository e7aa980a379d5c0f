using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>Reads and writes a filter as a JSON file. Whatever the bytes are, reading yields a usable filter or a one-sentence error.</summary>
internal static class FilterFile
{
    /// <summary>The format identifier in every filter file.</summary>
    public const string Format = "diffusion-lsp-filter-1";

    private const int MostBytes = 16 << 20;

    private static readonly (FilterKind Kind, string Name)[] Kinds = [(FilterKind.Published, "published"), (FilterKind.Position, "position")];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NewLine = "\n",
    };

    /// <summary>The kind's name in the file.</summary>
    public static string Name(FilterKind kind) => Kinds.Single(k => k.Kind == kind).Name;

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="EngineException">The file is missing, unreadable, or not a filter of this version.</exception>
    public static CommitFilter Read(string path)
    {
        try
        {
            if (!File.Exists(path)) throw new EngineException($"There is no filter file '{path}'; train one with diffusion-lsp-train filter, or choose the anchored decoder.");
            return Checked(JsonSerializer.Deserialize<Stored>(RegularFile.ReadBytes(path, MostBytes), Json) ?? throw new InvalidDataException("it contains null"));
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' is not a usable filter: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; train it again with diffusion-lsp-train filter.", e);
        }
    }

    /// <summary>Writes a file atomically.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, CommitFilter filter)
    {
        var stored = new Stored(Format, Name(filter.Kind), filter.Model, filter.BlockLength, filter.FeatureVersion, filter.Threshold, filter.Calibration.Scale,
            filter.Calibration.Offset, StoredLayer.Of(filter.Network));
        string partial = path + ".partial";
        File.WriteAllText(partial, JsonSerializer.Serialize(stored, Json) + "\n");
        File.Move(partial, path, overwrite: true);
    }

    private static CommitFilter Checked(Stored stored)
    {
        if (stored.Format != Format) throw new InvalidDataException($"its format is '{stored.Format}', not {Format}");
        (FilterKind Kind, string Name)[] kinds = [.. Kinds.Where(k => k.Name == stored.Kind)];
        if (kinds.Length == 0) throw new InvalidDataException($"its kind '{stored.Kind}' is none of {string.Join(", ", Kinds.Select(k => k.Name))}");
        if (stored.BlockLength is < 1 or > 256) throw new InvalidDataException($"its block length is {stored.BlockLength}");
        if (!(stored.Threshold is >= 0 and <= 1)) throw new InvalidDataException($"its threshold is {stored.Threshold}");
        if (!double.IsFinite(stored.Scale) || !double.IsFinite(stored.Offset)) throw new InvalidDataException("its calibration is not finite");
        FilterKind kind = kinds[0].Kind;
        var network = StoredLayer.Network(stored.Layers);
        (int version, int inputs, int outputs) = kind is FilterKind.Published ? (0, stored.BlockLength, stored.BlockLength) : (PositionFeatures.Version, PositionFeatures.Count, 1);
        if (stored.FeatureVersion != version) throw new InvalidDataException($"its features are of version {stored.FeatureVersion}, but this program computes version {version}");
        if (network.Inputs != inputs || network.Outputs != outputs) throw new InvalidDataException($"its network maps {network.Inputs} inputs to {network.Outputs} outputs instead of {inputs} to {outputs}");
        return new CommitFilter(kind, stored.Model, stored.BlockLength, stored.FeatureVersion, stored.Threshold, new Calibration(stored.Scale, stored.Offset), network);
    }

    private sealed record Stored(string Format, string Kind, string Model, int BlockLength, int FeatureVersion, double Threshold, double Scale, double Offset,
        IReadOnlyList<StoredLayer> Layers);
}
