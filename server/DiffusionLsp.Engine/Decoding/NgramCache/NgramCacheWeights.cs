using System.Text.Json;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>
/// The interpolation weight λ of the n-gram cache in p = (1 − λ) · p_network + λ · p_cache, by where the match was found, its length,
/// whether its occurrences agree, the network's confidence, and whether the two predict the same token. Fitted by
/// <c>diffusion-lsp-train ngram-cache</c>.
/// </summary>
/// <param name="File">λ by <see cref="Bucket"/>, for matches in the open file.</param>
/// <param name="Workspace">The same for matches in other files.</param>
internal sealed record NgramCacheWeights(IReadOnlyList<double> File, IReadOnlyList<double> Workspace)
{
    /// <summary>Name of the file in a model folder; it is kept for the sake of published model folders.</summary>
    public const string FileName = "memory.json";

    /// <summary>Number of adjacent buckets that differ only in the network's prediction.</summary>
    public const int Gates = 2 * 4;

    private static readonly int[] Matches = [1, 2, 3, 4, 6, 8, 11]; // smallest match length of each row
    private static readonly double[] Probabilities = [0.25, 0.5, 0.8]; // boundaries of the network's probability between the gates
    private const int Kinds = 3;
    private const int MostBytes = 1 << 20;

    /// <summary>Number of entries in a table.</summary>
    public static int Buckets { get; } = Matches.Length * Kinds * Gates;

    /// <summary>The bucket, ordered by match length; then one occurrence, several that agree, several that differ; then the gate: the network's probability, and whether its token is the most frequent continuation.</summary>
    public static int Bucket(NgramMatch match, double probability, bool agrees)
    {
        int row = Matches.Length - 1;
        while (match.Length < Matches[row]) row--;
        int kind = match.Count == 1 ? 0 : match.Followers.Count == 1 ? 1 : 2;
        int sure = Probabilities.Count(p => probability >= p);
        return ((row * Kinds + kind) * (Probabilities.Length + 1) + sure) * 2 + (agrees ? 1 : 0);
    }

    /// <summary>Loads a model's weights; null: it has none.</summary>
    /// <exception cref="EngineException">The file is damaged.</exception>
    public static NgramCacheWeights? Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!Path.Exists(path)) return null;
        try
        {
            Tables? tables = JsonSerializer.Deserialize<Tables>(RegularFile.ReadText(path, MostBytes), JsonSerializerOptions.Web);
            if (tables?.Weights() is { } weights) return weights;
            throw new EngineException($"'{path}' must contain two tables, file and workspace, of {Buckets} weights from 0 to 1; fit it again or delete it.");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"'{path}' cannot be used: {(e is JsonException json ? JsonFailure.Clause(json) : e.Message).TrimEnd('.')}; fit it again or delete it.", e);
        }
    }

    /// <summary>λ, 0 to 1.</summary>
    public double Of(NgramSource source, NgramMatch match, double probability, bool agrees) =>
        (source is NgramSource.File ? File : Workspace)[Bucket(match, probability, agrees)];

    /// <summary>The contents of the file.</summary>
    /// <param name="Table">The older format, from before gates and workspaces: one weight for all gates of a match length and kind.</param>
    private sealed record Tables(IReadOnlyList<double>? File, IReadOnlyList<double>? Workspace, IReadOnlyList<double>? Table)
    {
        public NgramCacheWeights? Weights() =>
            IsTable(File, Buckets) && IsTable(Workspace, Buckets) ? new NgramCacheWeights(File!, Workspace!)
            : IsTable(Table, Buckets / Gates) ? new NgramCacheWeights([.. Table!.SelectMany(weight => Enumerable.Repeat(weight, Gates))], new double[Buckets])
            : null;

        private static bool IsTable(IReadOnlyList<double>? table, int entries) => table?.Count == entries && table.All(w => w is >= 0 and <= 1);
    }
}
