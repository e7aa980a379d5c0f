using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// The weights of one model folder, in one file or in shards, checked against the tensors that a model needs. It knows names
/// and shapes, not their meaning.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    /// <summary>Name of an unsharded weights file.</summary>
    public const string SingleFile = "model.safetensors";

    /// <summary>Name of the index of sharded weights.</summary>
    public const string IndexFile = "model.safetensors.index.json";

    private const int MostNamed = 10;

    private readonly string folder;
    private readonly IReadOnlyList<SafetensorsFile> files;
    private readonly Dictionary<string, SafetensorsFile> fileOf;

    private CheckpointFolder(string folder, IReadOnlyList<SafetensorsFile> files, Dictionary<string, SafetensorsFile> fileOf) =>
        (this.folder, this.files, this.fileOf) = (folder, files, fileOf);

    /// <summary>Every tensor of the checkpoint by name.</summary>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => fileOf.ToDictionary(f => f.Key, f => f.Value.Tensors[f.Key], StringComparer.Ordinal);

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Holds(string name) => fileOf.ContainsKey(name);

    /// <summary>Tensors in a shard that the index does not list.</summary>
    public IEnumerable<string> Unlisted => files.SelectMany(f => f.Tensors.Keys).Where(name => !fileOf.ContainsKey(name)).Order(StringComparer.Ordinal);

    /// <summary>Sorts items by the place of their tensors in the files, so that a cold disk is read sequentially.</summary>
    /// <param name="nameOf">The name of an item's tensor.</param>
    public IEnumerable<T> InFileOrder<T>(IEnumerable<T> items, Func<T, string> nameOf) =>
        items.OrderBy(item => fileOf[nameOf(item)].Path, StringComparer.Ordinal).ThenBy(item => fileOf[nameOf(item)].Tensors[nameOf(item)].Offset);

    /// <summary>The file that holds a tensor.</summary>
    public SafetensorsFile FileOf(string name) => fileOf[name];

    /// <summary>Metadata of the first file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => files[0].Metadata;

    /// <summary>Opens every file of the checkpoint and checks the headers; reads no tensor yet.</summary>
    /// <exception cref="EngineException">A file is missing, unreadable or damaged.</exception>
    public static CheckpointFolder Open(string folder)
    {
        string single = Path.Combine(folder, SingleFile), index = Path.Combine(folder, IndexFile);
        if (Path.Exists(single))
        {
            SafetensorsFile file = SafetensorsFile.Open(single);
            return new CheckpointFolder(folder, [file], file.Tensors.Keys.ToDictionary(name => name, _ => file, StringComparer.Ordinal));
        }
        if (Path.Exists(index)) return OpenShards(folder, index);
        throw new EngineException(Directory.Exists(folder)
            ? $"The model folder '{folder}' holds neither {SingleFile} nor {IndexFile}; download or convert the weights as safetensors."
            : $"There is no model folder '{folder}'; check the setting diffusionLsp.modelPath.");
    }

    /// <summary>
    /// Checks every name and shape first, then reads the expected tensors. They belong to the caller's dispose scope, if there
    /// is one; if one cannot be read, all are disposed.
    /// </summary>
    /// <param name="expected">Name → shape of everything the model needs.</param>
    /// <param name="ignore">Whether the checkpoint may contain this name in addition; null: none.</param>
    /// <exception cref="EngineException">Names or shapes differ; the message lists them.</exception>
    public IReadOnlyDictionary<string, Tensor> Load(
        IReadOnlyDictionary<string, long[]> expected, Device device, ScalarType dataType, Func<string, bool>? ignore = null)
    {
        RequireFit(expected, ignore ?? (_ => false));
        var loaded = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (string name in InFileOrder(expected.Keys, name => name))
                loaded.Add(name, fileOf[name].Read(name, device, dataType));
            RequireUnchanged();
            return loaded;
        }
        catch
        {
            foreach (Tensor tensor in loaded.Values) tensor.Dispose();
            throw;
        }
    }

    /// <summary>Rejects the weights if one of the files changed while they were read.</summary>
    /// <exception cref="EngineException">A file changed; the message names it.</exception>
    public void RequireUnchanged()
    {
        foreach (SafetensorsFile file in files) file.RequireUnchanged();
    }

    /// <summary>Rejects weights that contain NaN or infinity, which failed training or conversion to a narrower type leave behind.</summary>
    /// <param name="names">Tensors that contain such numbers; if empty, nothing happens.</param>
    /// <exception cref="EngineException">There are such tensors.</exception>
    public void RefuseNonFinite(IEnumerable<string> names)
    {
        string[] bad = [.. names.Order(StringComparer.Ordinal)];
        if (bad.Length > 0)
            throw new EngineException($"The weights in '{folder}' contain NaN or infinity in {Listed(bad)}; download or train them again, or choose a wider data type.");
    }

    /// <summary>Closes every file; tensors that were read stay valid.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in files) file.Dispose();
    }

    private static CheckpointFolder OpenShards(string folder, string index)
    {
        IReadOnlyDictionary<string, string> map = CheckpointIndex.Read(index);
        if (map.Count == 0) throw new EngineException($"'{index}' lists no tensors; download the checkpoint again.");
        string[] absent = [.. map.Values.Distinct().Where(s => !File.Exists(Path.Combine(folder, s))).Order(StringComparer.Ordinal)];
        if (absent.Length > 0) throw new EngineException($"The model folder '{folder}' lacks {Listed(absent)}, named by {IndexFile}; download the missing files.");
        var shards = new SortedDictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (string shard in map.Values.Distinct()) shards.Add(shard, SafetensorsFile.Open(Path.Combine(folder, shard)));
            string[] misplaced = [.. map.Where(e => !shards[e.Value].Tensors.ContainsKey(e.Key)).Select(e => $"{e.Key} in {e.Value}").Order(StringComparer.Ordinal)];
            if (misplaced.Length > 0) throw new EngineException($"'{index}' promises {Listed(misplaced)}, but the file lacks it; download the checkpoint again.");
            return new CheckpointFolder(folder, [.. shards.Values], map.ToDictionary(e => e.Key, e => shards[e.Value], StringComparer.Ordinal));
        }
        catch
        {
            foreach (SafetensorsFile shard in shards.Values) shard.Dispose();
            throw;
        }
    }

    /// <summary>Checks every name and shape; reads nothing.</summary>
    /// <param name="expected">Name → shape of everything the model needs.</param>
    /// <param name="ignore">Whether the checkpoint may contain this name in addition.</param>
    /// <exception cref="EngineException">Names or shapes differ, or a tensor's type cannot hold weights; the message lists them.</exception>
    public void RequireFit(IReadOnlyDictionary<string, long[]> expected, Func<string, bool> ignore)
    {
        IEnumerable<string> missing = expected.Keys.Where(n => !fileOf.ContainsKey(n)).Select(n => $"{n} is missing");
        IEnumerable<string> extra = fileOf.Keys.Where(n => !expected.ContainsKey(n) && !ignore(n)).Select(n => $"{n} is not part of the model");
        IEnumerable<string> misshapen = expected
            .Where(e => fileOf.ContainsKey(e.Key) && !fileOf[e.Key].Tensors[e.Key].Shape.SequenceEqual(e.Value))
            .Select(e => $"{e.Key} is {fileOf[e.Key].Tensors[e.Key].ShapeText} instead of {TensorInfo.Text(e.Value)}");
        IEnumerable<string> integers = expected.Keys.Where(n => fileOf.ContainsKey(n) && !SafetensorsTypes.IsFloating(fileOf[n].Tensors[n].DataType))
            .Select(n => $"{n} has type {SafetensorsTypes.Find(fileOf[n].Tensors[n].DataType)}, which cannot hold weights");
        string[] problems = [.. missing.Order(StringComparer.Ordinal), .. extra.Order(StringComparer.Ordinal), .. misshapen.Order(StringComparer.Ordinal), .. integers.Order(StringComparer.Ordinal)];
        if (problems.Length > 0)
            throw new EngineException($"The weights in '{folder}' do not match config.json: {Listed(problems)}; use weights and config.json of the same checkpoint.");
    }

    private static string Listed(string[] items) =>
        string.Join(", ", items.Take(MostNamed)) + (items.Length > MostNamed ? $" and {items.Length - MostNamed} more" : "");
}
