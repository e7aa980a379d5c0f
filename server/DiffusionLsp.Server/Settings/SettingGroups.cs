using DiffusionLsp.Engine.Decoding;

namespace DiffusionLsp.Server.Settings;

/// <summary>The settings as grouped on a settings page: those that most people want come first, those that only developers of decoders change come last. A table.</summary>
internal static class SettingGroups
{
    private static readonly (string Title, string[] Names)[] Basic =
    [
        ("Completions", ["enabled", "languages", "trigger", "suggestions", "multiline", "midLine", "exclude"]),
        ("Model", ["modelPath", "device", "threads", "idleUnloadMinutes", "memoryLimitMegabytes", "workspaceCache", "context", "libtorchPath"]),
    ];

    /// <summary>Every setting once, by title, in the order of the page.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Setting> Settings)> All { get; } =
    [
        .. Basic.Select(group => (group.Title, (IReadOnlyList<Setting>)[.. group.Names.Select(Named)])),
        ("Remote engine", [.. Rest.Where(IsRemote)]),
        ("Advanced", [.. Rest.Where(setting => !IsRemote(setting) && !IsDecoding(setting))]),
        ("Decoding", [.. Rest.Where(IsDecoding)]),
    ];

    private static IEnumerable<Setting> Rest => ServerSettings.All.Where(setting => !Basic.Any(group => group.Names.Contains(setting.Name)));

    private static Setting Named(string name) => ServerSettings.All.First(setting => setting.Name == name);

    private static bool IsRemote(Setting setting) => setting.Name.StartsWith("remote", StringComparison.Ordinal);

    private static bool IsDecoding(Setting setting) => setting.Name is "verifierPath" || DecodeKnobs.All.Any(knob => knob.Name == setting.Name);
}
