namespace DiffusionLsp.Engine.Models.Families;

/// <summary>The table of families. A checkpoint that none or several recognise is refused with what was found.</summary>
internal static class ModelFamilies
{
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new NanoFamily(),
        new DreamFamily(),
        new DreamOnFamily(),
        new LladaFamily(),
        new IlladaFamily(),
        new OpenDCoderFamily(),
        new TinyA2dFamily(),
        new CodaFamily(),
        new StableDiffCoderFamily(),
        new SdarFamily(),
        new FastDllmFamily(),
        new LladaMoeFamily(),
        new Llada2Family(),
    ];

    /// <summary>The family of a checkpoint.</summary>
    /// <param name="wanted">Its name, if the user says; else the checkpoint's own words decide.</param>
    /// <exception cref="EngineException">No family fits, or there is none of that name.</exception>
    public static ModelFamily Find(string folder, CheckpointFacts facts, string? wanted)
    {
        if (wanted is not null)
            return All.FirstOrDefault(f => f.Name == wanted)
                ?? throw new EngineException($"There is no model family '{wanted}'; {FamilyOverrides.Name} in '{folder}' may name one of {Names}.");
        ModelFamily[] found = [.. All.Where(f => f.Recognises(facts))];
        return found is [var only] ? only : throw new EngineException(
            $"The model in '{folder}' is of no family that is known (found: {facts}); name one of {Names} in {FamilyOverrides.Name} there if it is a copy of one.");
    }

    private static string Names => string.Join(", ", All.Select(f => f.Name));
}
