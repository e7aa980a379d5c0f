namespace DiffusionLsp.Engine.Models.Families;

/// <summary>The table of families. A checkpoint that none or several of them recognise is rejected, naming what was found.</summary>
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

    /// <summary>Finds the family of a checkpoint.</summary>
    /// <param name="wanted">The family's name if the user sets one; null: detected from the checkpoint.</param>
    /// <exception cref="EngineException">No family matches, or none has that name.</exception>
    public static ModelFamily Find(string folder, CheckpointFacts facts, string? wanted)
    {
        if (wanted is not null)
            return All.FirstOrDefault(f => f.Name == wanted)
                ?? throw new EngineException($"There is no model family '{wanted}'; {FamilyOverrides.Name} in '{folder}' must name one of {Names}.");
        ModelFamily[] found = [.. All.Where(f => f.Recognises(facts))];
        return found is [var only] ? only : throw new EngineException(
            $"The model in '{folder}' belongs to no known family (found: {facts}); if it is a copy of one of {Names}, name that family in {FamilyOverrides.Name} there.");
    }

    private static string Names => string.Join(", ", All.Select(f => f.Name));
}
