using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Filter;

/// <summary>The slow decodes whose text a filter is to reproduce in fewer forwards.</summary>
internal static class ReferenceDecodes
{
    /// <summary>One token after the other: what a block-causal model with shifted scores does best.</summary>
    public const string Autoregressive = "ar";

    /// <summary>The most confident token of the block per step, as published.</summary>
    public const string Vanilla = "vanilla";

    public static IReadOnlyList<string> Names { get; } = [Autoregressive, Vanilla];

    /// <summary>What all decodes here have in common: a filter learns what the network writes; the n-gram cache is another source.</summary>
    public static DecodeOptions Alone { get; } = new() { Decoder = "vanilla", EndOfText = "committed", NgramCache = false };

    /// <summary>Its decode options. Only a committed end cuts the canvas, so that commits alone decide about the text.</summary>
    /// <exception cref="EngineException">The name is unknown.</exception>
    public static DecodeOptions Options(string name, int blockLength) => name switch
    {
        Autoregressive => Alone with { BlockLength = 1 },
        Vanilla => Alone with { BlockLength = blockLength },
        _ => throw new EngineException($"There is no reference '{name}'; use {string.Join(" or ", Names)}."),
    };
}
