using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Server.Settings;

/// <summary>One row of the settings table: name, accepted values, and access to the value in the record.</summary>
internal sealed class Setting(string name, ValueKind kind, string description, Func<ServerSettings, object> get, Func<ServerSettings, object, ServerSettings> set)
{
    public string Name => name;

    /// <summary>Whether it belongs to the machine, so that opening a folder cannot set it: programs, files, and where code is sent.</summary>
    public bool IsMachine { get; init; } = kind is PathKind;

    /// <summary>A deprecated name that is still accepted; null: none.</summary>
    public string? FormerName { get; init; }

    public ValueKind Kind => kind;

    public string Description => description;

    /// <summary>Gets the value.</summary>
    public object Get(ServerSettings settings) => get(settings);

    /// <summary>The value as JSON, for documentation and drift tests.</summary>
    public string ValueOf(ServerSettings settings) => kind.Json(get(settings));

    /// <summary>A copy of the settings with another value, which <see cref="Kind"/> must accept.</summary>
    public ServerSettings Set(ServerSettings settings, object value) => set(settings, value);

    /// <summary>A row whose value is a property of the record.</summary>
    public static Setting Of<T>(string name, ValueKind<T> kind, string description, Func<ServerSettings, T> get, Func<ServerSettings, T, ServerSettings> set, string? formerName = null, bool isMachine = false) where T : notnull =>
        new(name, kind, description, settings => get(settings), (settings, value) => set(settings, (T)value)) { FormerName = formerName, IsMachine = isMachine || kind is PathKind };

    /// <summary>The row of a decoding knob.</summary>
    public static Setting Of(Knob knob) =>
        new(knob.Name, knob.Kind, knob.Description, settings => settings.Decode.Get(knob), (settings, value) => settings with { Decode = settings.Decode.With(knob, value) }) { FormerName = knob.FormerName };
}
