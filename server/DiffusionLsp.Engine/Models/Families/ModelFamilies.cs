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

    private static CausalFamily Causal { get; } = new();

    /// <summary>Finds the family of a checkpoint.</summary>
    /// <param name="wanted">The family's name if the user sets one; null: detected from the checkpoint.</param>
    /// <param name="onlyVerifies">Whether an autoregressive model will do.</param>
    /// <exception cref="EngineException">No family matches, or none has that name.</exception>
    public static ModelFamily Find(string folder, CheckpointFacts facts, string? wanted, bool onlyVerifies)
    {
        if (wanted is not null)
            return All.FirstOrDefault(f => f.Name == wanted)
                ?? throw new EngineException($"There is no model family '{wanted}'; {FamilyOverrides.Name} in '{folder}' must name one of {Names}.");
        ModelFamily[] found = [.. All.Where(f => f.Recognises(facts))];
        if (found is [var only]) return only;
        if (found is [] && Causal.Recognises(facts))
            return onlyVerifies ? Causal : throw new EngineException(
                $"The model in '{folder}' is autoregressive (found: {facts}) and cannot fill holes; choose a diffusion model, or use this one as its verifier (setting diffusionLsp.verifierPath, decoder apd).");
        throw new EngineException(
            $"The model in '{folder}' belongs to no known family (found: {facts}); if it is a copy of one of {Names}, name that family in {FamilyOverrides.Name} there.");
    }

    private static string Names => string.Join(", ", All.Select(f => f.Name));
}
