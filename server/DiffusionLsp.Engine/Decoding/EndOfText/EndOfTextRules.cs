using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Engine.Decoding.EndOfText;

/// <summary>The table of end-of-text rules: one row each.</summary>
public static class EndOfTextRules
{
    internal static IReadOnlyList<EndOfTextRow> Rows { get; } =
    [
        new("never", [], _ => new NeverRule()),
        new("committed", [], _ => new CommittedRule()),
        new("confident", [ConfidentRule.Floor], options => new ConfidentRule(options.Get(ConfidentRule.Floor))),
        new("published", [], _ => new PublishedRule()),
    ];

    /// <summary>Names that <see cref="DecodeOptions.EndOfText"/> accepts.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Rows.Select(row => row.Name)];

    /// <summary>Creates the rule named in the options.</summary>
    internal static IEndOfTextRule Create(DecodeOptions options) => Rows.First(row => row.Name == options.EndOfText).Create(options);
}

/// <summary>One end-of-text rule.</summary>
/// <param name="Knobs">The options that it reads.</param>
internal sealed record EndOfTextRow(string Name, IReadOnlyList<Knob> Knobs, Func<DecodeOptions, IEndOfTextRule> Create);
