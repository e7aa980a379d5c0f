using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Filter;

/// <summary>The slow decodes whose output a filter is to reproduce in fewer forwards.</summary>
internal static class ReferenceDecodes
{
    /// <summary>One token after the other: the best output of a block-causal model with shifted logits.</summary>
    public const string Autoregressive = "ar";

    /// <summary>The block's most confident token in each step, as published.</summary>
    public const string Vanilla = "vanilla";

    public static IReadOnlyList<string> Names { get; } = [Autoregressive, Vanilla];

    /// <summary>Options common to all decodes here. A filter learns the network's output alone, so the n-gram cache is off.</summary>
    public static DecodeOptions Alone { get; } = new() { Decoder = "vanilla", EndOfText = "committed", NgramCache = false };

    /// <summary>The decode options of a reference. Only a committed end truncates the canvas, so that the commits alone determine the text.</summary>
    /// <exception cref="EngineException">The name is unknown.</exception>
    public static DecodeOptions Options(string name, int blockLength) => name switch
    {
        Autoregressive => Alone with { BlockLength = 1 },
        Vanilla => Alone with { BlockLength = blockLength },
        _ => throw new EngineException($"There is no reference '{name}'; use {string.Join(" or ", Names)}."),
    };
}
