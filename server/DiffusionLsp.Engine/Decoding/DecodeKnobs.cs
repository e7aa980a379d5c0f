using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Lengths;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>All decoding knobs: those of one decoder or rule are declared with its row, the general ones here. Defaults suit the embedded model on a CPU.</summary>
public static class DecodeKnobs
{
    /// <summary>The range of token limits, here and elsewhere.</summary>
    public static IntKind TokenLimit { get; } = new(1, 4096);

    internal static Knob<string> Decoder { get; } = new("decoder", new NameKind(Decoders.Names), "auto", "Decoder; auto: draft for block-causal models with shifted logits, threshold for others.");

    internal static Knob<string> EndOfText { get; } = new("endOfText", new NameKind(EndOfTextRules.Names), "confident",
        "Which end-of-text token truncates the rest of the hole: none, a committed one, also a confident proposal, or as in Learn2PD's released code.");

    internal static Knob<bool> NgramCache { get; } = new("ngramCache", new SwitchKind(), true, "Interpolate the model's next-token probabilities with an n-gram cache over the open file, if the model comes with weights for it.") { FormerName = "fileMemory" };

    internal static Knob<CacheKind> Cache { get; } = new("cache", new EnumKind<CacheKind>(), CacheKind.Prefix, "Which keys and values are reused instead of recomputed.") { IsSetting = false };

    internal static Knob<int> RefreshEvery { get; } = new("refreshEvery", new IntKind(1, 64), 1, "For bidirectional models with a cache: recompute everything once every this many blocks.") { IsSetting = false };

    internal static Knob<int> BlockLength { get; } = new("block", new IntKind(1, 256), 8, "Number of masks decoded together.") { IsSetting = false };

    internal static Knob<string> LengthPolicy { get; } = new("lengthPolicy", new NameKind(LengthPolicies.Names), LengthPolicies.Auto,
        "How the length of a hole between two texts is chosen; auto: the model family's default.") { IsSetting = false };

    internal static Knob<int> Length { get; } = new("length", TokenLimit, 64, "Maximum number of tokens in a completion.") { IsSetting = false };

    internal static Knob<double> Temperature { get; } = new("temperature", new NumberKind(0, 2), 0, "0: always the most probable token; above 0: sampling.") { IsSetting = false };

    internal static Knob<int> Seed { get; } = new("seed", new IntKind(int.MinValue, int.MaxValue), 0, "Random seed; unused at temperature 0.") { IsSetting = false };

    /// <summary>All knobs, in the order of the documentation.</summary>
    public static IReadOnlyList<Knob> All { get; } =
    [
        Decoder, .. Decoders.Rows.SelectMany(row => row.Knobs).Distinct(), EndOfText, .. EndOfTextRules.Rows.SelectMany(row => row.Knobs).Distinct(), NgramCache,
        Cache, RefreshEvery, BlockLength, LengthPolicy, Length, Temperature, Seed,
    ];
}
