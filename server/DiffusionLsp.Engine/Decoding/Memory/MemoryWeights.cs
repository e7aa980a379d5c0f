using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Decoding.Memory;

/// <summary>
/// How far the file's memory is trusted against the network: the weight λ of p = (1 − λ) · p_network + λ · p_file, by
/// the length of the match and by how much its occurrences agree. Fitted by <c>diffusion-lsp-train memory</c>.
/// </summary>
/// <param name="Table">λ by <see cref="Bucket"/>.</param>
internal sealed record MemoryWeights(IReadOnlyList<double> Table)
{
    /// <summary>The file of a model folder.</summary>
    public const string FileName = "memory.json";

    private static readonly int[] Matches = [1, 2, 3, 4, 6, 8, 11]; // smallest length of each row
    private const int Kinds = 3;
    private const int MostBytes = 1 << 20;

    /// <summary>Entries of a table.</summary>
    public static int Buckets { get; } = Matches.Length * Kinds;

    /// <summary>Row: length of the match. Column: one occurrence, several that agree, several that differ.</summary>
    public static int Bucket(Recollection recollection)
    {
        int row = Matches.Length - 1;
        while (recollection.Match < Matches[row]) row--;
        int kind = recollection.Count == 1 ? 0 : recollection.Followers.Count == 1 ? 1 : 2;
        return row * Kinds + kind;
    }

    /// <summary>The weights beside a model; null when it has none.</summary>
    /// <exception cref="EngineException">The file is damaged.</exception>
    public static MemoryWeights? Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!Path.Exists(path)) return null;
        try
        {
            MemoryWeights? weights = JsonSerializer.Deserialize<MemoryWeights>(RegularFile.ReadText(path, MostBytes), JsonSerializerOptions.Web);
            if (weights?.Table?.Count == Buckets && weights.Table.All(w => w is >= 0 and <= 1)) return weights;
            throw new EngineException($"'{path}' must hold a table of {Buckets} weights from 0 to 1; fit it again or delete it.");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be used: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; fit it again or delete it.", e);
        }
    }

    /// <summary>λ, 0 to 1.</summary>
    public double Of(Recollection recollection) => Table[Bucket(recollection)];
}
