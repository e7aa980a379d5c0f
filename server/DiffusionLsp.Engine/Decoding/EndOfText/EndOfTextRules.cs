namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>The table of end-of-text rules: one row each.</summary>
public static class EndOfTextRules
{
    private static readonly Dictionary<string, Func<DecodeOptions, IEndOfTextRule>> Table = new(StringComparer.Ordinal)
    {
        ["never"] = _ => new NeverRule(),
        ["committed"] = _ => new CommittedRule(),
        ["confident"] = options => new ConfidentRule(options.EndOfTextFloor),
        ["published"] = _ => new PublishedRule(),
    };

    /// <summary>Names that <see cref="DecodeOptions.EndOfText"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Keys];

    /// <summary>The rule that the options name.</summary>
    internal static IEndOfTextRule Create(DecodeOptions options) => Table[options.EndOfText](options);
}
