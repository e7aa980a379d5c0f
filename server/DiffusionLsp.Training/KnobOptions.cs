using System.CommandLine;
using DiffusionLsp.Engine;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Training;

/// <summary>The command-line options of decoding knobs, for every verb that decodes.</summary>
internal sealed class KnobOptions(params IEnumerable<Knob> knobs)
{
    private readonly IReadOnlyList<(Knob Knob, Option<string?> Option)> rows =
        [.. knobs.Select(knob => (knob, new Option<string?>(knob.Option) { Description = $"{knob.Description} Default: {knob.Kind.Json(knob.Default)}.", HelpName = knob.Kind.Placeholder }))];

    /// <summary>Every knob that is also a server setting, and the block length.</summary>
    public static KnobOptions AsServed() => new([.. DecodeKnobs.All.Where(knob => knob.IsSetting), DecodeKnobs.BlockLength]);

    public KnobOptions AddTo(Command command)
    {
        foreach ((_, Option<string?> option) in rows) command.Add(option);
        return this;
    }

    /// <summary>Applies the given options to the defaults.</summary>
    /// <exception cref="EngineException">A value is not accepted.</exception>
    public DecodeOptions Read(ParseResult parsed, DecodeOptions defaults) => rows.Aggregate(defaults, (options, row) => parsed.GetValue(row.Option) is not { } text
        ? options
        : options.With(row.Knob, row.Knob.Kind.Read(text) ?? throw new EngineException(row.Knob.Kind.Refusal(row.Knob.Option, $"'{text}'") + ".")));
}
