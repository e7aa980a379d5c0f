using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// Reads <c>model.safetensors.index.json</c>, which maps the tensors of a sharded checkpoint to files. It opens no
/// shard.
/// </summary>
internal static class CheckpointIndex
{
    private const int MostBytes = 100_000_000;

    /// <summary>Tensor name → plain file name in the index's folder.</summary>
    /// <exception cref="EngineException">The index is unreadable or damaged, or names a file outside its folder.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        try
        {
            using var document = StrictJson.Parse(RegularFile.ReadBytes(path, MostBytes));
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out JsonElement map)
                || map.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException("it has no weight_map");
            return map.EnumerateObject().ToDictionary(e => e.Name, e => ShardName(e.Name, e.Value), StringComparer.Ordinal);
        }
        catch (JsonException e) { throw Broken(path, $"it is not valid JSON ({e.Message.TrimEnd('.')})", e); }
        catch (InvalidOperationException e) { throw Broken(path, "it contains text that is not valid Unicode", e); }
        catch (InvalidDataException e) { throw Broken(path, e.Message, e); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be read ({e.Message.TrimEnd('.')}); check that it is a file and that you have permission to read it.", e);
        }
    }

    private static string ShardName(string tensor, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) throw new InvalidDataException($"the file of tensor '{tensor}' is not a string");
        string name = value.GetString()!;
        // An index comes from the network: a name outside the folder could open any file on this machine.
        if (name.AsSpan().IndexOfAny("/\\:\0") >= 0 || name.Trim('.', ' ').Length == 0)
            throw new InvalidDataException($"it assigns tensor '{tensor}' to '{name}', which is not a plain file name");
        return name;
    }

    private static EngineException Broken(string path, string cause, Exception inner) =>
        new($"'{path}' is not a valid index of weights: {cause}; download the checkpoint again.", inner);
}
