using DiffusionLsp.Engine.Decoding.EndOfText;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Decoding.Lengths;

namespace DiffusionLsp.Engine.Decoding;

/// <summary>Every knob of decoding: those of a decoder or rule come with its row, those of all decoders stand here. Defaults suit the embedded model on a CPU.</summary>
public static class DecodeKnobs
{
    /// <summary>What a limit of tokens may be, here and elsewhere.</summary>
    public static IntKind TokenLimit { get; } = new(1, 4096);

    internal static Knob<string> Decoder { get; } = new("decoder", new NameKind(Decoders.Names), "auto", "How a completion is written; auto: draft for block-causal models, else threshold.");

    internal static Knob<string> EndOfText { get; } = new("endOfText", new NameKind(EndOfTextRules.Names), "confident",
        "Which end of the text gives up the rest of the hole: none, a committed one, also a confident guess, or as Learn2PD's released code has it.");

    internal static Knob<bool> NgramCache { get; } = new("ngramCache", new SwitchKind(), true, "Mix what followed the same words earlier in the file into the next token, with models that come with weights for it.") { FormerName = "fileMemory" };

    internal static Knob<CacheKind> Cache { get; } = new("cache", new EnumKind<CacheKind>(), CacheKind.Prefix, "What is kept instead of being computed again.") { IsSetting = false };

    internal static Knob<int> RefreshEvery { get; } = new("refreshEvery", new IntKind(1, 64), 1, "With a cached bidirectional model: every how many blocks everything is computed again.") { IsSetting = false };

    internal static Knob<int> BlockLength { get; } = new("block", new IntKind(1, 256), 8, "Masks that are decoded together.") { IsSetting = false };

    internal static Knob<string> LengthPolicy { get; } = new("lengthPolicy", new NameKind(LengthPolicies.Names), LengthPolicies.Auto,
        "How the length of a hole between two texts is found; auto: the model's own way.") { IsSetting = false };

    internal static Knob<int> Length { get; } = new("length", TokenLimit, 64, "Most tokens of a completion.") { IsSetting = false };

    internal static Knob<double> Temperature { get; } = new("temperature", new NumberKind(0, 2), 0, "0: the most probable token; above: drawn.") { IsSetting = false };

    internal static Knob<int> Seed { get; } = new("seed", new IntKind(int.MinValue, int.MaxValue), 0, "Seed of everything random; at temperature 0 nothing is.") { IsSetting = false };

    /// <summary>All of them, in the order of the documents.</summary>
    public static IReadOnlyList<Knob> All { get; } =
    [
        Decoder, .. Decoders.Rows.SelectMany(row => row.Knobs).Distinct(), EndOfText, .. EndOfTextRules.Rows.SelectMany(row => row.Knobs).Distinct(), NgramCache,
        Cache, RefreshEvery, BlockLength, LengthPolicy, Length, Temperature, Seed,
    ];
}
