using System.Text.Json;
using DiffusionLsp.Engine.Decoding.Filters;
using DiffusionLsp.Engine.Files;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine.Confidence;

/// <summary>Reads and writes a confidence model as a JSON file in a model's folder.</summary>
internal static class ConfidenceFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "confidence.json";

    private const string Format = "diffusion-lsp-confidence-1";
    private const int MostBytes = 4 << 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow, NewLine = "\n",
    };

    /// <summary>The folder's confidence model; without a file, the model's own probabilities.</summary>
    /// <exception cref="EngineException">The file is damaged, or belongs to other weights.</exception>
    public static ConfidenceModel Load(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!Path.Exists(path)) return ConfidenceModel.Own;
        try
        {
            Stored stored = JsonSerializer.Deserialize<Stored>(RegularFile.ReadBytes(path, MostBytes), Json) ?? throw new InvalidDataException("it contains null");
            return Checked(stored, ModelFingerprint.Of(folder));
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be used: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; fit it again with diffusion-lsp-train confidence or delete it.", e);
        }
    }

    /// <summary>Writes the file atomically.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string folder, ConfidenceModel model)
    {
        string path = Path.Combine(folder, Name);
        File.WriteAllText(path + ".partial", JsonSerializer.Serialize(new Stored(Format, model.Model, ConfidenceFeatures.Version, model.Calibration.Scale, model.Calibration.Offset,
            model.Thresholds.Eager, model.Thresholds.Balanced, model.Thresholds.Quiet, StoredLayer.Of(model.Network!)), Json) + "\n");
        File.Move(path + ".partial", path, overwrite: true);
    }

    private static ConfidenceModel Checked(Stored stored, string fingerprint)
    {
        if (stored.Format != Format) throw new InvalidDataException($"its format is '{stored.Format}', not {Format}");
        if (stored.FeatureVersion != ConfidenceFeatures.Version) throw new InvalidDataException($"its features are of version {stored.FeatureVersion}, but this program computes version {ConfidenceFeatures.Version}");
        if (stored.Model != fingerprint) throw new InvalidDataException("it was fitted to other weights than the folder's");
        if (!(double.IsFinite(stored.Scale) && stored.Scale > 0 && double.IsFinite(stored.Offset))) throw new InvalidDataException("its calibration is not finite and increasing");
        if (new[] { stored.Eager, stored.Balanced, stored.Quiet }.Any(t => !(t is >= 0 and <= 1))) throw new InvalidDataException("its thresholds are not all between 0 and 1");
        var network = StoredLayer.Network(stored.Layers);
        if (network.Inputs != ConfidenceFeatures.Count || network.Outputs != 1) throw new InvalidDataException($"its network maps {network.Inputs} inputs to {network.Outputs} outputs instead of {ConfidenceFeatures.Count} to 1");
        return new ConfidenceModel(stored.Model, network, new Calibration(stored.Scale, stored.Offset), new ConfidenceThresholds(stored.Eager, stored.Balanced, stored.Quiet));
    }

    private sealed record Stored(string Format, string Model, int FeatureVersion, double Scale, double Offset, double Eager, double Balanced, double Quiet, IReadOnlyList<StoredLayer> Layers);
}
