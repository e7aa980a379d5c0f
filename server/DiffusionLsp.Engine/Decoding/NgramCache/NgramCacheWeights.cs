using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>
/// How far the n-gram cache is trusted against the network: the weight λ of p = (1 − λ) · p_network + λ · p_file, by
/// the length of the match and by how much its occurrences agree. Fitted by <c>diffusion-lsp-train ngram-cache</c>.
/// </summary>
/// <param name="Table">λ by <see cref="Bucket"/>.</param>
internal sealed record NgramCacheWeights(IReadOnlyList<double> Table)
{
    /// <summary>The file of a model folder; it keeps the name under which published model folders hold it.</summary>
    public const string FileName = "memory.json";

    private static readonly int[] Matches = [1, 2, 3, 4, 6, 8, 11]; // smallest length of each row
    private const int Kinds = 3;
    private const int MostBytes = 1 << 20;

    /// <summary>Entries of a table.</summary>
    public static int Buckets { get; } = Matches.Length * Kinds;

    /// <summary>Row: length of the match. Column: one occurrence, several that agree, several that differ.</summary>
    public static int Bucket(NgramMatch match)
    {
        int row = Matches.Length - 1;
        while (match.Length < Matches[row]) row--;
        int kind = match.Count == 1 ? 0 : match.Followers.Count == 1 ? 1 : 2;
        return row * Kinds + kind;
    }

    /// <summary>The weights beside a model; null when it has none.</summary>
    /// <exception cref="EngineException">The file is damaged.</exception>
    public static NgramCacheWeights? Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!Path.Exists(path)) return null;
        try
        {
            NgramCacheWeights? weights = JsonSerializer.Deserialize<NgramCacheWeights>(RegularFile.ReadText(path, MostBytes), JsonSerializerOptions.Web);
            if (weights?.Table?.Count == Buckets && weights.Table.All(w => w is >= 0 and <= 1)) return weights;
            throw new EngineException($"'{path}' must hold a table of {Buckets} weights from 0 to 1; fit it again or delete it.");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be used: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; fit it again or delete it.", e);
        }
    }

    /// <summary>λ, 0 to 1.</summary>
    public double Of(NgramMatch match) => Table[Bucket(match)];
}
