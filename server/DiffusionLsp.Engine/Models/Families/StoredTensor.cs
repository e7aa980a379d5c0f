namespace DiffusionLsp.Engine.Models.Families;

/// <summary>One tensor as a checkpoint stores it, and where it goes in memory.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its shape in the file.</param>
/// <param name="Place">Its place among the fused parameters.</param>
internal sealed record StoredTensor(string Name, long[] Shape, FusedPlace Place)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>Every tensor that a checkpoint must hold, and no other. Allocates no tensor.</summary>
    public static IReadOnlyList<StoredTensor> All(ModelConfig config, ParameterNames names)
    {
        var stored = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        foreach ((string parameter, long[] shape) in ParameterTable.Shapes(config))
        {
            string name = names.InFile(parameter);
            FusedPlace place = FusedParameters.PlaceOf(config, parameter);
            // Rows of one tensor of the file follow each other in memory as well, so they are read in one go.
            if (stored.TryGetValue(name, out StoredTensor? first) && names.FusedQueryKeyValue)
                stored[name] = first with { Shape = [first.Shape[0] + shape[0], .. first.Shape[1..]] };
            else stored.Add(name, new StoredTensor(name, shape, place));
        }
        return [.. stored.Values];
    }
}
