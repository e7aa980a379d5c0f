using System.Text.Json;

namespace DiffusionLsp.Engine.Decoding.Knobs;

/// <summary>
/// A decoding knob, declared once: the server's settings, the command line's options, the extension's manifest and the documentation's tables
/// are derived from it. Its value is stored in <see cref="DecodeOptions"/>.
/// </summary>
public abstract class Knob
{
    private protected Knob(string name, ValueKind kind, object value, string description) => (Name, Kind, Default, Description) = (name, kind, value, description);

    /// <summary>Name of the setting, for example <c>apdWeight</c>.</summary>
    public string Name { get; }

    /// <summary>Name of the command-line option; derived from <see cref="Name"/> unless set, for example <c>--apd-weight</c>.</summary>
    public string Option { get => field ?? OptionOf(Name); init; }

    /// <summary>A deprecated name of the setting that is still accepted; null: none.</summary>
    public string? FormerName { get; init; }

    /// <summary><see cref="FormerName"/> as a command-line option; null: none.</summary>
    public string? FormerOption => FormerName is null ? null : OptionOf(FormerName);

    /// <summary>Type and range of the value.</summary>
    public ValueKind Kind { get; }

    /// <summary>The value if none is given.</summary>
    public object Default { get; }

    /// <summary>What the knob does, in one sentence.</summary>
    public string Description { get; }

    /// <summary>Whether it is also a setting; false: it concerns a single run and is only a command-line option.</summary>
    public bool IsSetting { get; init; } = true;

    private static string OptionOf(string name) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}

/// <summary>A knob whose value has the type <typeparamref name="T"/>.</summary>
public sealed class Knob<T>(string name, ValueKind<T> kind, T value, string description) : Knob(name, kind, value, description) where T : notnull;
