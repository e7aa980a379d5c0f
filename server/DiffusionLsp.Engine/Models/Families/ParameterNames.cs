namespace DiffusionLsp.Engine.Models.Families;

/// <summary>
/// How a family's files name the parameters of <see cref="ParameterTable"/>. Parts that a file keeps in one tensor have one
/// name for all of them.
/// </summary>
/// <param name="Outside">Parameters outside the layers: ours → theirs. What is not listed has the same name.</param>
/// <param name="LayerPrefix">What stands before a layer's number.</param>
/// <param name="Inside">The beginning of a name inside a layer: ours → theirs. What is not listed has the same name.</param>
/// <param name="FusedQueryKeyValue">Whether q, k and v are rows of one tensor, in that order.</param>
internal sealed record ParameterNames(
    IReadOnlyDictionary<string, string> Outside, string LayerPrefix, IReadOnlyList<(string Ours, string Theirs)> Inside, bool FusedQueryKeyValue = false)
{
    /// <summary>The names of transformers' Llama and Qwen, which are ours.</summary>
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
