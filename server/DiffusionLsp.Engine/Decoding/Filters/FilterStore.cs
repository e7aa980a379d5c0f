using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Models.Weights;

namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>The filters of one loaded model: found in its folder or where the options say, read once, rejected if they do not fit.</summary>
/// <param name="folder">The model's folder.</param>
internal sealed class FilterStore(string folder)
{
    /// <summary>Subfolder of a model's own filters.</summary>
    public const string Subfolder = "filters";

    public static Knob<string> FilterPath { get; } = new("filterPath", new PathKind("FILE"), "", "Filter file of the learn2pd and filter decoders; empty: the model's own.") { Option = "--filter" };

    private readonly Dictionary<string, CommitFilter> read = new(StringComparer.Ordinal);
    private readonly Lazy<string> fingerprint = new(() => ModelFingerprint.Of(folder));

    /// <summary>The filter named in the options, or the model's own.</summary>
    /// <param name="kind">The kind that the decoder needs.</param>
    /// <exception cref="EngineException">The filter is missing or damaged, or belongs to another model, decoder or block length.</exception>
    public CommitFilter Find(FilterKind kind, DecodeOptions options)
    {
        string named = options.Get(FilterPath), path = named.Length > 0 ? named : Path.Combine(folder, Subfolder, FileName(kind, options.BlockLength));
        if (named.Length == 0 && !Path.Exists(path))
            throw new EngineException($"The model in '{folder}' ships no {FileName(kind, options.BlockLength)}; train one with diffusion-lsp-train filter, name one, or choose the anchored decoder.");
        if (!read.TryGetValue(path, out CommitFilter? filter)) read[path] = filter = FilterFile.Read(path);
        return filter.Mismatch(kind, fingerprint.Value, options.BlockLength) is { } mismatch ? throw Refuse(path, mismatch) : filter;
    }

    /// <summary>The problems of the model's own filters, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        string own = Path.Combine(folder, Subfolder);
        if (!Directory.Exists(own)) yield break;
        foreach (string path in Directory.EnumerateFileSystemEntries(own, "*.json").Order(StringComparer.Ordinal))
            if (Problem(path) is { } problem) yield return problem;
    }

    private string? Problem(string path)
    {
        try
        {
            CommitFilter filter = FilterFile.Read(path);
            string name = FileName(filter.Kind, filter.BlockLength);
            if (Path.GetFileName(path) != name) return Refuse(path, $"is one that would be called {name}").Message;
            return filter.Mismatch(filter.Kind, fingerprint.Value, filter.BlockLength) is { } mismatch ? Refuse(path, mismatch).Message : null;
        }
        catch (EngineException e)
        {
            return e.Message;
        }
    }

    private static EngineException Refuse(string path, string mismatch) =>
        new($"The filter '{path}' {mismatch}; train one with diffusion-lsp-train filter, or choose the anchored decoder.");

    /// <summary>The file name of a model's own filter.</summary>
    public static string FileName(FilterKind kind, int blockLength) => kind is FilterKind.Published ? $"published-{blockLength}.json" : "position.json";
}
