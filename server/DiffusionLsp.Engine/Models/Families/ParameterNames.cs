namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// How a family's files name the parameters of <see cref="ParameterTable"/>. Parameters that a file stores in one tensor share
/// one name.
/// </summary>
/// <param name="Outside">Parameters outside the layers: our name → theirs. Names that are not listed are the same.</param>
/// <param name="LayerPrefix">The part of a name before the layer's number.</param>
/// <param name="Inside">Prefixes of names inside a layer: ours → theirs. Names that are not listed are the same.</param>
/// <param name="FusedQueryKeyValue">Whether q, k and v are rows of one tensor, in that order.</param>
internal sealed record ParameterNames(
    IReadOnlyDictionary<string, string> Outside, string LayerPrefix, IReadOnlyList<(string Ours, string Theirs)> Inside, bool FusedQueryKeyValue = false)
{
    /// <summary>The names of transformers' Llama and Qwen, which we use too.</summary>
    public static ParameterNames HuggingFace { get; } = new(new Dictionary<string, string>(), "model.layers.", []);

    /// <summary>The name in the file.</summary>
    /// <param name="name">A name of <see cref="ParameterTable.Shapes"/>.</param>
    public string InFile(string name)
    {
        if (!name.StartsWith("model.layers.", StringComparison.Ordinal)) return Outside.GetValueOrDefault(name, name);
        int dot = name.IndexOf('.', "model.layers.".Length);
        string layer = name["model.layers.".Length..dot], part = name[(dot + 1)..];
        foreach ((string ours, string theirs) in Inside)
            if (part.StartsWith(ours, StringComparison.Ordinal)) return $"{LayerPrefix}{layer}.{theirs}{part[ours.Length..]}";
        return $"{LayerPrefix}{layer}.{part}";
    }
}
