using System.Security.Cryptography;
using System.Text;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>One way of decoding: a row of the table. It knows no case and no result.</summary>
/// <param name="Name">As in the table; unique.</param>
/// <param name="Family">Rows of one family differ in one knob; a plot joins them.</param>
/// <param name="Kind">What the row is there for.</param>
/// <param name="Options">Everything but length and block, which are the setting's.</param>
internal sealed record BenchMethod(string Name, string Family, MethodKind Kind, DecodeOptions Options)
{
    /// <summary>Name and a hash of the options: results of other options under the same name are not taken for this method's.</summary>
    public string Key { get; } = $"{Name}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Options.ToString())))[..8]}";

    /// <summary>Whether no forward reuses what an earlier one computed.</summary>
    public bool IsUncached => Options.Cache is CacheKind.None;

    /// <summary>Whether it is told what vanilla writes.</summary>
    public bool IsOracle => Kind is MethodKind.Bound;

    /// <summary>The same tokens with the exact cache of block-causal models, which is much faster.</summary>
    public DecodeOptions Cached => Options with { Cache = CacheKind.Prefix };
}

/// <summary>What a row is there for.</summary>
internal enum MethodKind
{
    /// <summary>The published baseline, with and without cache.</summary>
    Baseline,
    /// <summary>A rule without anything learned, which a learned one has to beat.</summary>
    Control,
    /// <summary>A method of the two papers, as published or ours.</summary>
    Measured,
    /// <summary>What cannot be had: it knows the answer.</summary>
    Bound,
}
