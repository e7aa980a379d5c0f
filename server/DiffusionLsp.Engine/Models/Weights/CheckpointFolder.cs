using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Models.Weights;

/// <summary>
/// The weights of one model folder, in one file or in shards, checked against what a model expects. It knows names
/// and shapes, not what they mean.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    /// <summary>The name of weights in one file.</summary>
    public const string SingleFile = "model.safetensors";

    /// <summary>The name of the table of split weights.</summary>
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

    /// <summary>Tensors that lie in a shard although the index does not list them.</summary>
    public IEnumerable<string> Unlisted => files.SelectMany(f => f.Tensors.Keys).Where(name => !fileOf.ContainsKey(name)).Order(StringComparer.Ordinal);

    /// <summary>Sorts what belongs to tensors by their places in the files: a cold disk is then read once from front to back.</summary>
    /// <param name="nameOf">The name of the tensor that something belongs to.</param>
    public IEnumerable<T> InFileOrder<T>(IEnumerable<T> items, Func<T, string> nameOf) =>
        items.OrderBy(item => fileOf[nameOf(item)].Path, StringComparer.Ordinal).ThenBy(item => fileOf[nameOf(item)].Tensors[nameOf(item)].Offset);

    /// <summary>The file that holds a tensor.</summary>
    public SafetensorsFile FileOf(string name) => fileOf[name];

    /// <summary>Free text of the first file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => files[0].Metadata;

    /// <summary>Opens every file of the checkpoint and checks their headers; reads no tensor yet.</summary>
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
    /// Checks every name and shape first, then reads what is expected. The tensors belong to the caller's dispose
    /// scope, if there is one; if one cannot be read, none is left behind.
    /// </summary>
    /// <param name="expected">Name → shape of everything the model needs.</param>
    /// <param name="ignore">Says which names the checkpoint may hold in addition; null: none.</param>
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

    /// <summary>Refuses what was read if one of the files was written meanwhile.</summary>
    /// <exception cref="EngineException">One was; the message names it.</exception>
    public void RequireUnchanged()
    {
        foreach (SafetensorsFile file in files) file.RequireUnchanged();
    }

    /// <summary>Refuses weights of which some hold NaN or infinity, as broken training or a narrower type leaves them.</summary>
    /// <param name="names">Their names; none: nothing happens.</param>
    /// <exception cref="EngineException">There are some.</exception>
    public void RefuseNonFinite(IEnumerable<string> names)
    {
        string[] bad = [.. names.Order(StringComparer.Ordinal)];
        if (bad.Length > 0)
            throw new EngineException($"The weights in '{folder}' hold NaN or infinity in {Listed(bad)}; download or train them again, or choose a wider data type.");
    }

    /// <summary>Closes every file; tensors that were read stay valid.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in files) file.Dispose();
    }

    private static CheckpointFolder OpenShards(string folder, string index)
    {
        IReadOnlyDictionary<string, string> map = CheckpointIndex.Read(index);
        if (map.Count == 0) throw new EngineException($"'{index}' lists no tensor; download the checkpoint again.");
        string[] absent = [.. map.Values.Distinct().Where(s => !File.Exists(Path.Combine(folder, s))).Order(StringComparer.Ordinal)];
        if (absent.Length > 0) throw new EngineException($"The model folder '{folder}' lacks {Listed(absent)}, named by {IndexFile}; download the missing files.");
        var shards = new SortedDictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (string shard in map.Values.Distinct()) shards.Add(shard, SafetensorsFile.Open(Path.Combine(folder, shard)));
            string[] misplaced = [.. map.Where(e => !shards[e.Value].Tensors.ContainsKey(e.Key)).Select(e => $"{e.Key} in {e.Value}").Order(StringComparer.Ordinal)];
            if (misplaced.Length > 0) throw new EngineException($"'{index}' promises {Listed(misplaced)}, which is not there; download the checkpoint again.");
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
    /// <param name="ignore">Says which names the checkpoint may hold in addition.</param>
    /// <exception cref="EngineException">Names or shapes differ, or a tensor holds no weights; the message lists them.</exception>
    public void RequireFit(IReadOnlyDictionary<string, long[]> expected, Func<string, bool> ignore)
    {
        IEnumerable<string> missing = expected.Keys.Where(n => !fileOf.ContainsKey(n)).Select(n => $"{n} is missing");
        IEnumerable<string> extra = fileOf.Keys.Where(n => !expected.ContainsKey(n) && !ignore(n)).Select(n => $"{n} is not part of the model");
        IEnumerable<string> misshapen = expected
            .Where(e => fileOf.ContainsKey(e.Key) && !fileOf[e.Key].Tensors[e.Key].Shape.SequenceEqual(e.Value))
            .Select(e => $"{e.Key} is {fileOf[e.Key].Tensors[e.Key].ShapeText} instead of {TensorInfo.Text(e.Value)}");
        IEnumerable<string> integers = expected.Keys.Where(n => fileOf.ContainsKey(n) && !SafetensorsTypes.IsFloating(fileOf[n].Tensors[n].DataType))
            .Select(n => $"{n} holds {SafetensorsTypes.Find(fileOf[n].Tensors[n].DataType)}, which are no weights");
        string[] problems = [.. missing.Order(StringComparer.Ordinal), .. extra.Order(StringComparer.Ordinal), .. misshapen.Order(StringComparer.Ordinal), .. integers.Order(StringComparer.Ordinal)];
        if (problems.Length > 0)
            throw new EngineException($"The weights in '{folder}' do not fit config.json: {Listed(problems)}; use the two files of the same checkpoint.");
    }

    private static string Listed(string[] items) =>
        string.Join(", ", items.Take(MostNamed)) + (items.Length > MostNamed ? $" and {items.Length - MostNamed} more" : "");
}
