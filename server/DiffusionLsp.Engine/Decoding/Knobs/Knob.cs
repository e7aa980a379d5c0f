using System.Text.Json;

namespace DiffusionLsp.Engine.Decoding.Knobs;

/// <summary>
/// One knob of decoding, declared once: the settings of the server, the options of the command line, the manifest of the
/// extension and the tables of the documents are made from it. Its value is in <see cref="DecodeOptions"/>.
/// </summary>
public abstract class Knob
{
    private protected Knob(string name, ValueKind kind, object value, string description) => (Name, Kind, Default, Description) = (name, kind, value, description);

    /// <summary>Its name among the settings: <c>apdWeight</c>.</summary>
    public string Name { get; }

    /// <summary>Its name on the command line; <c>--apd-weight</c> if nothing else is said.</summary>
    public string Option { get => field ?? OptionOf(Name); init; }

    /// <summary>Its deprecated name among the settings, still read; null: none.</summary>
    public string? FormerName { get; init; }

    /// <summary><see cref="FormerName"/> on the command line; null: none.</summary>
    public string? FormerOption => FormerName is null ? null : OptionOf(FormerName);

    /// <summary>What its value may be.</summary>
    public ValueKind Kind { get; }

    /// <summary>Its value where nothing is said.</summary>
    public object Default { get; }

    /// <summary>What it does, one sentence.</summary>
    public string Description { get; }

    /// <summary>Whether it is a setting too; else it is about one run and an option of the command line only.</summary>
    public bool IsSetting { get; init; } = true;

    private static string OptionOf(string name) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}

/// <summary>A knob whose value has the type <typeparamref name="T"/>.</summary>
public sealed class Knob<T>(string name, ValueKind<T> kind, T value, string description) : Knob(name, kind, value, description) where T : notnull;
