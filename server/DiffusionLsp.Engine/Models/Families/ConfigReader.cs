using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// Reads values by key from a published checkpoint's config.json, and rejects flags that select a computation that the
/// transformer does not implement. A key whose value is null counts as missing. It knows no family.
/// </summary>
internal sealed class ConfigReader
{
    private const int MostBytes = 16 << 20;
    private const int LongestModel = 1 << 19; // positions; published models have up to 131,072
    private const int MostShown = 40;

    private readonly string path;
    private readonly JsonElement root;

    private readonly IReadOnlyDictionary<string, int> replaced;

    private ConfigReader(string path, JsonElement root, IReadOnlyDictionary<string, int>? replaced = null) => (this.path, this.root, this.replaced) = (path, root, replaced ?? new Dictionary<string, int>());

    /// <summary>The model's folder.</summary>
    public string Folder => Path.GetDirectoryName(path)!;

    /// <summary>The same with one whole number replaced, for families that use another key for it.</summary>
    public ConfigReader With(string key, int value) => new(path, root, new Dictionary<string, int>(replaced) { [key] = value });

    /// <summary>Reads <c>config.json</c> of a model folder.</summary>
    /// <exception cref="EngineException">The file is missing or is not a JSON object.</exception>
    public static ConfigReader Open(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        try
        {
            using var document = StrictJson.Parse(RegularFile.ReadBytes(path, MostBytes));
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("it is not a JSON object");
            return new ConfigReader(path, document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"The model configuration '{path}' cannot be used: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; use the config.json that belongs to the weights.", e);
        }
    }

    /// <summary>The first class name, or "none".</summary>
    public string Architecture => root.TryGetProperty("architectures", out JsonElement list) && list.ValueKind is JsonValueKind.Array && list.GetArrayLength() > 0
        && list[0].ValueKind is JsonValueKind.String ? Words("architectures", list[0]) : "none";

    /// <summary>The family's short name, or "none".</summary>
    public string ModelType => Text("model_type", "none");

    /// <summary>Whether a key is present and not null.</summary>
    public bool Has(string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>A required whole number.</summary>
    /// <exception cref="EngineException">It is missing, not a whole number, or does not fit in 32 bits.</exception>
    public int Int(string key) => IntOrNull(key) ?? throw Refuse(key, "is missing");

    /// <summary>A whole number.</summary>
    /// <param name="otherwise">The default if the key is missing or null: the value that transformers' configuration class of the family assumes, or one derived from other keys.</param>
    /// <exception cref="EngineException">It is present but not a whole number of 32 bits.</exception>
    public int Int(string key, int otherwise) => IntOrNull(key) ?? otherwise;

    /// <summary>A whole number; null: the key is missing or null.</summary>
    /// <exception cref="EngineException">It is present but not a whole number of 32 bits.</exception>
    public int? IntOrNull(string key)
    {
        if (replaced.TryGetValue(key, out int other)) return other;
        if (!Has(key)) return null;
        JsonElement value = root.GetProperty(key);
        return value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Refuse(key, $"is {Shown(value)} instead of a whole number");
    }

    /// <summary>A required whole number from 1 to a limit.</summary>
    /// <exception cref="EngineException">It is missing, not a whole number, or out of range.</exception>
    public int Size(string key, int most) => Int(key) is var size && size >= 1 && size <= most ? size : throw Refuse(key, $"is {size}, which is out of range (1 to {most})");

    /// <summary>The required number of positions, from 1 to 524,288, truncated to <see cref="ModelConfig.MostPositions"/>.</summary>
    public int Positions(string key) => Math.Min(ModelConfig.MostPositions, Size(key, LongestModel));

    /// <summary>A required finite number.</summary>
    /// <exception cref="EngineException">It is missing or not a finite number.</exception>
    public double Number(string key) => Has(key) ? Number(key, 0) : throw Refuse(key, "is missing");

    /// <summary>A finite number, or the default if the key is missing or null.</summary>
    /// <exception cref="EngineException">It is present but not a finite number.</exception>
    public double Number(string key, double otherwise)
    {
        if (!Has(key)) return otherwise;
        JsonElement value = root.GetProperty(key);
        return Finite(key, value);
    }

    /// <summary>A boolean, or the default if the key is missing or null.</summary>
    /// <exception cref="EngineException">It is present but not a boolean.</exception>
    public bool Flag(string key, bool otherwise)
    {
        if (!Has(key)) return otherwise;
        JsonElement value = root.GetProperty(key);
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Refuse(key, $"is {Shown(value)} instead of true or false");
    }

    /// <summary>A string, or the default if the key is missing or null.</summary>
    /// <exception cref="EngineException">It is present but not a string of valid Unicode.</exception>
    public string Text(string key, string otherwise)
    {
        if (!Has(key)) return otherwise;
        JsonElement value = root.GetProperty(key);
        return value.ValueKind is JsonValueKind.String ? Words(key, value) : throw Refuse(key, $"is {Shown(value)} instead of a string");
    }

    /// <summary>The base of the rotary frequencies: rope_theta or, in newer versions of transformers, rope_parameters.rope_theta.</summary>
    /// <exception cref="EngineException">Both are missing, or the value is not a finite number.</exception>
    public double RopeTheta()
    {
        if (Has("rope_theta")) return Number("rope_theta");
        if (Has("rope_parameters") && root.GetProperty("rope_parameters") is { ValueKind: JsonValueKind.Object } rope
            && rope.TryGetProperty("rope_theta", out JsonElement theta))
            return Finite("rope_parameters.rope_theta", theta);
        throw Refuse("rope_theta", "is missing");
    }

    /// <summary>Rejects a flag whose value the transformer does not implement; a missing flag is accepted.</summary>
    public void Require(string key, bool wanted)
    {
        if (Flag(key, wanted) != wanted) throw Refuse(key, $"is {(wanted ? "false" : "true")}, which is not supported");
    }

    /// <summary>Rejects a value other than those listed; a missing key counts as the first of them.</summary>
    public void Require(string key, params ReadOnlySpan<string> wanted)
    {
        string found = Text(key, wanted[0]);
        if (!wanted.Contains(found)) throw Refuse(key, $"is '{Short(found)}', which is not supported; expected {string.Join(" or ", wanted.ToArray())}");
    }

    /// <summary>Rejects rotary frequencies that are scaled for longer contexts.</summary>
    public void RequirePlainRope()
    {
        foreach (string key in new[] { "rope_scaling", "rope_parameters" })
        {
            if (!Has(key) || root.GetProperty(key) is not { ValueKind: JsonValueKind.Object } rope) continue;
            foreach (string kind in new[] { "rope_type", "type" })
                if (rope.TryGetProperty(kind, out JsonElement type) && type.ValueKind is JsonValueKind.String && Words(key, type) is not "default")
                    throw Refuse(key, $"sets rotary frequencies of type {Shown(type)}, which is not supported");
        }
    }

    /// <summary>An error of one sentence that names the file and the key.</summary>
    public EngineException Refuse(string key, string cause) => new($"In '{path}', {key} {cause}; use the config.json that belongs to the weights.");

    /// <summary>Returns a configuration if its values are consistent.</summary>
    /// <exception cref="EngineException">They are not; the message names the key.</exception>
    public ModelConfig Checked(ModelConfig config)
    {
        try
        {
            return config.Checked();
        }
        catch (InvalidDataException e)
        {
            throw new EngineException($"The model configuration '{path}' cannot be used: {e.Message.TrimEnd('.')}; use the config.json that belongs to the weights.", e);
        }
    }

    private double Finite(string key, JsonElement value) => value.ValueKind is not JsonValueKind.Number ? throw Refuse(key, $"is {Shown(value)} instead of a number")
        : value.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw Refuse(key, $"is {Shown(value)}, which is out of range");

    private string Words(string key, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Refuse(key, "contains text that is not valid Unicode");
        }
    }

    /// <summary>Formats a value for a message.</summary>
    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => Short(value.GetRawText()),
    };

    private static string Short(string text) => text.Length <= MostShown ? text : text[..MostShown] + "…";
}
