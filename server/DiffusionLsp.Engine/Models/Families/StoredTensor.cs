namespace DiffusionLsp.Engine.Models.Families;

/// <summary>One tensor as a checkpoint stores it, and its place in memory.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its shape in the file.</param>
/// <param name="Place">Its place among the fused parameters.</param>
internal sealed record StoredTensor(string Name, long[] Shape, FusedPlace Place)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>Lists exactly the tensors that a checkpoint must contain. Allocates no tensor.</summary>
    public static IReadOnlyList<StoredTensor> All(ModelConfig config, ParameterNames names)
    {
        var stored = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        foreach ((string parameter, long[] shape) in ParameterTable.Shapes(config))
        {
            string name = names.InFile(parameter);
            FusedPlace place = FusedParameters.PlaceOf(config, parameter);
            // Rows of one tensor in the file are adjacent in memory too, so they are read together.
            if (stored.TryGetValue(name, out StoredTensor? first) && names.FusedQueryKeyValue)
                stored[name] = first with { Shape = [first.Shape[0] + shape[0], .. first.Shape[1..]] };
            else stored.Add(name, new StoredTensor(name, shape, place));
        }
        return [.. stored.Values];
    }
}
