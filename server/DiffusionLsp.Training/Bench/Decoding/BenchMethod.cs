using System.Security.Cryptography;
using System.Text;
using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Training.Bench.Decoding;

/// <summary>One decoding method: a row of the table. It knows no case and no result.</summary>
/// <param name="Name">Name in the table; unique.</param>
/// <param name="Family">Rows of one family differ in one knob; plots connect them.</param>
/// <param name="Kind">The row's purpose.</param>
/// <param name="Options">All options except canvas length and block length, which the setting determines.</param>
internal sealed record BenchMethod(string Name, string Family, MethodKind Kind, DecodeOptions Options)
{
    /// <summary>Name and a hash of the options, so that results with other options under the same name are not reused.</summary>
    public string Key { get; } = $"{Name}#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Options.ToString())))[..8]}";

    /// <summary>Whether every forward recomputes everything.</summary>
    public bool IsUncached => Options.Cache is CacheKind.None;

    /// <summary>Whether it only differs from another method in bidirectional models: the exact cache of block-causal ones has one kind.</summary>
    public bool IsForBidirectional => Options.Cache is CacheKind.Dual;

    /// <summary>Whether it is given vanilla's output.</summary>
    public bool IsOracle => Kind is MethodKind.Bound;

    /// <summary>The same tokens with the exact cache of block-causal models, which is much faster.</summary>
    public DecodeOptions Cached => Options with { Cache = CacheKind.Prefix };
}

/// <summary>A row's purpose.</summary>
internal enum MethodKind
{
    /// <summary>The published baseline, with and without a cache.</summary>
    Baseline,
    /// <summary>A rule without learned parameters, which a learned one must beat.</summary>
    Control,
    /// <summary>A method of the two papers, as published or as implemented here.</summary>
    Measured,
    /// <summary>An upper bound that knows the answer.</summary>
    Bound,
}
