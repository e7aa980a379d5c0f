using System.Collections.Immutable;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>A valid value for each of <see cref="DecodeKnobs.All"/>. Compared by value.</summary>
public sealed record DecodeOptions
{
    /// <summary>The values that differ from the defaults.</summary>
    private ImmutableDictionary<Knob, object> Values { get; init; } = ImmutableDictionary<Knob, object>.Empty;

    /// <summary>Name of the decoder; <see cref="Decoders.Names"/> lists them.</summary>
    /// <exception cref="ArgumentException">There is no such decoder. The other properties reject values out of range in the same way.</exception>
    public string Decoder { get => Get(DecodeKnobs.Decoder); init => Values = Changed(DecodeKnobs.Decoder, value); }

    /// <summary>Which keys and values are reused between steps and requests.</summary>
    public CacheKind Cache { get => Get(DecodeKnobs.Cache); init => Values = Changed(DecodeKnobs.Cache, value); }

    /// <summary>
    /// For bidirectional models with a cache: everything is recomputed once every this many blocks, counted across requests. 1: for each
    /// block, as published; above 1, what did not change is carried over, which is faster while typing but approximate. Exact caches
    /// ignore it.
    /// </summary>
    public int RefreshEvery { get => Get(DecodeKnobs.RefreshEvery); init => Values = Changed(DecodeKnobs.RefreshEvery, value); }

    /// <summary>Number of masks decoded together (semi-autoregressive blocks).</summary>
    public int BlockLength { get => Get(DecodeKnobs.BlockLength); init => Values = Changed(DecodeKnobs.BlockLength, value); }

    /// <summary>How the length of a hole between two texts is chosen; one of <see cref="Lengths.LengthPolicies.Names"/>. "auto": the model family's default.</summary>
    public string LengthPolicy { get => Get(DecodeKnobs.LengthPolicy); init => Values = Changed(DecodeKnobs.LengthPolicy, value); }

    /// <summary>Maximum number of tokens generated for the hole.</summary>
    public int Length { get => Get(DecodeKnobs.Length); init => Values = Changed(DecodeKnobs.Length, value); }

    /// <summary>Name of the rule that truncates the canvas; one of <see cref="EndOfText.EndOfTextRules.Names"/>.</summary>
    public string EndOfText { get => Get(DecodeKnobs.EndOfText); init => Values = Changed(DecodeKnobs.EndOfText, value); }

    /// <summary>Whether the model is interpolated with an n-gram cache over the open file, if it comes with weights for it.</summary>
    public bool NgramCache { get => Get(DecodeKnobs.NgramCache); init => Values = Changed(DecodeKnobs.NgramCache, value); }

    /// <summary>0: always the most probable token; above 0: sampling.</summary>
    public double Temperature { get => Get(DecodeKnobs.Temperature); init => Values = Changed(DecodeKnobs.Temperature, value); }

    /// <summary>Random seed; unused at temperature 0.</summary>
    public int Seed { get => Get(DecodeKnobs.Seed); init => Values = Changed(DecodeKnobs.Seed, value); }

    /// <summary>The value of a knob.</summary>
    public T Get<T>(Knob<T> knob) where T : notnull => (T)Get((Knob)knob);

    /// <inheritdoc cref="Get{T}"/>
    public object Get(Knob knob) => Values.GetValueOrDefault(knob, knob.Default);

    /// <summary>A copy with another value of one knob.</summary>
    /// <exception cref="ArgumentException">The knob rejects the value; the message is one sentence that says what it accepts.</exception>
    public DecodeOptions With<T>(Knob<T> knob, T value) where T : notnull => With((Knob)knob, value);

    /// <inheritdoc cref="With{T}"/>
    public DecodeOptions With(Knob knob, object value) => this with { Values = Changed(knob, value) };

    /// <summary>Whether every knob has the same value.</summary>
    public bool Equals(DecodeOptions? other) =>
        other is not null && Values.Count == other.Values.Count && Values.All(value => value.Value.Equals(other.Values.GetValueOrDefault(value.Key)));

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Aggregate(0, (hash, value) => hash ^ HashCode.Combine(value.Key, value.Value));

    /// <summary>Every knob with its value, for logs and as a key.</summary>
    public override string ToString() => string.Join(", ", DecodeKnobs.All.Select(knob => $"{knob.Name} {knob.Kind.Json(Get(knob))}"));

    private ImmutableDictionary<Knob, object> Changed(Knob knob, object value) =>
        !knob.Kind.Holds(value) ? throw new ArgumentException(knob.Kind.Refusal(knob.Name, $"'{value}'") + ".")
        : value.Equals(knob.Default) ? Values.Remove(knob)
        : Values.SetItem(knob, value);
}

/// <summary>Which keys and values are reused instead of recomputed.</summary>
public enum CacheKind
{
    /// <summary>None: every step runs over the whole prompt and canvas; block-causal models skip the rows after the block unless the canvas is never truncated.</summary>
    None,
    /// <summary>
    /// Those of everything before the current block. Exact for block-causal models; in bidirectional ones the context's keys and values
    /// date from the block's first step, which changes little.
    /// </summary>
    Prefix,
    /// <summary>Those of everything except the current block: cheaper still if much text follows it (bidirectional models; equals Prefix for block-causal ones).</summary>
    Dual,
}
