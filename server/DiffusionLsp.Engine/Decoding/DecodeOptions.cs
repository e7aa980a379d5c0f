using System.Collections.Immutable;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>A value for each of <see cref="DecodeKnobs.All"/>, always one that the knob accepts. Equal where all values are.</summary>
public sealed record DecodeOptions
{
    /// <summary>The values that are no defaults.</summary>
    private ImmutableDictionary<Knob, object> Values { get; init; } = ImmutableDictionary<Knob, object>.Empty;

    /// <summary>Name of the decoder; <see cref="Decoders.Names"/> lists them.</summary>
    /// <exception cref="ArgumentException">There is no such decoder. The other properties refuse what is out of their range in the same way.</exception>
    public string Decoder { get => Get(DecodeKnobs.Decoder); init => Values = Changed(DecodeKnobs.Decoder, value); }

    /// <summary>Which computations are reused between steps and requests.</summary>
    public CacheKind Cache { get => Get(DecodeKnobs.Cache); init => Values = Changed(DecodeKnobs.Cache, value); }

    /// <summary>
    /// For bidirectional models with a cache: every how many blocks everything is computed again, requests counted
    /// together. 1: each block, as published; above, what did not change is carried over, which is faster while typing
    /// and only nearly right. Exact caches ignore it.
    /// </summary>
    public int RefreshEvery { get => Get(DecodeKnobs.RefreshEvery); init => Values = Changed(DecodeKnobs.RefreshEvery, value); }

    /// <summary>Masks that are decoded together (semi-autoregressive blocks).</summary>
    public int BlockLength { get => Get(DecodeKnobs.BlockLength); init => Values = Changed(DecodeKnobs.BlockLength, value); }

    /// <summary>How the length of a hole between two texts is found; <see cref="Lengths.LengthPolicies.Names"/> lists the ways. "auto": the model's own.</summary>
    public string LengthPolicy { get => Get(DecodeKnobs.LengthPolicy); init => Values = Changed(DecodeKnobs.LengthPolicy, value); }

    /// <summary>Most tokens written into the hole.</summary>
    public int Length { get => Get(DecodeKnobs.Length); init => Values = Changed(DecodeKnobs.Length, value); }

    /// <summary>Name of the rule that gives up the rest of the canvas; <see cref="EndOfText.EndOfTextRules.Names"/> lists them.</summary>
    public string EndOfText { get => Get(DecodeKnobs.EndOfText); init => Values = Changed(DecodeKnobs.EndOfText, value); }

    /// <summary>Whether the n-gram cache over the open file is mixed with the model, where the model comes with weights for it.</summary>
    public bool NgramCache { get => Get(DecodeKnobs.NgramCache); init => Values = Changed(DecodeKnobs.NgramCache, value); }

    /// <summary>0: always the most probable token; above: sampling.</summary>
    public double Temperature { get => Get(DecodeKnobs.Temperature); init => Values = Changed(DecodeKnobs.Temperature, value); }

    /// <summary>Seed of everything random. Decoding at temperature 0 uses none of it.</summary>
    public int Seed { get => Get(DecodeKnobs.Seed); init => Values = Changed(DecodeKnobs.Seed, value); }

    /// <summary>The value of a knob.</summary>
    public T Get<T>(Knob<T> knob) where T : notnull => (T)Get((Knob)knob);

    /// <inheritdoc cref="Get{T}"/>
    public object Get(Knob knob) => Values.GetValueOrDefault(knob, knob.Default);

    /// <summary>These options with another value of one knob.</summary>
    /// <exception cref="ArgumentException">The knob does not accept it; the message is one sentence with what it accepts.</exception>
    public DecodeOptions With<T>(Knob<T> knob, T value) where T : notnull => With((Knob)knob, value);

    /// <inheritdoc cref="With{T}"/>
    public DecodeOptions With(Knob knob, object value) => this with { Values = Changed(knob, value) };

    /// <summary>Whether every knob has the same value.</summary>
    public bool Equals(DecodeOptions? other) =>
        other is not null && Values.Count == other.Values.Count && Values.All(value => value.Value.Equals(other.Values.GetValueOrDefault(value.Key)));

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Aggregate(0, (hash, value) => hash ^ HashCode.Combine(value.Key, value.Value));

    /// <summary>Every knob with its value, for logs and for telling runs apart.</summary>
    public override string ToString() => string.Join(", ", DecodeKnobs.All.Select(knob => $"{knob.Name} {knob.Kind.Json(Get(knob))}"));

    private ImmutableDictionary<Knob, object> Changed(Knob knob, object value) =>
        !knob.Kind.Holds(value) ? throw new ArgumentException(knob.Kind.Refusal(knob.Name, $"'{value}'") + ".")
        : value.Equals(knob.Default) ? Values.Remove(knob)
        : Values.SetItem(knob, value);
}

/// <summary>What is kept instead of being computed again.</summary>
public enum CacheKind
{
    /// <summary>Nothing: every step runs over the whole prompt and canvas; block-causal models leave out what is behind the block unless nothing is ever cut.</summary>
    None,
    /// <summary>
    /// K/V of everything before the current block. Exact for block-causal models; in bidirectional ones the context's
    /// K/V are as old as the block's first step, which changes little.
    /// </summary>
    Prefix,
    /// <summary>K/V of everything but the current block: cheaper still where much follows it (bidirectional models only; equals Prefix for block-causal ones).</summary>
    Dual,
}
