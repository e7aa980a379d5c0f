namespace DiffusionLsp.Engine.Decoding.Lengths;

/// <summary>The table of length policies: one row each.</summary>
public static class LengthPolicies
{
    /// <summary>The model family's default.</summary>
    public const string Auto = "auto";

    private static readonly Dictionary<string, Func<ILengthPolicy>> Table = new(StringComparer.Ordinal)
    {
        ["fixed"] = () => new FixedLength(),
        ["calibrated"] = () => new CalibratedLength(),
        ["expand"] = () => new ExpandingLength(),
    };

    /// <summary>Names that <see cref="DecodeOptions.LengthPolicy"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, .. Table.Keys];

    internal static ILengthPolicy Create(string name) => Table[name]();
}
