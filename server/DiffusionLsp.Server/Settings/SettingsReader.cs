using System.Text.Json;
using DiffusionLsp.Engine.Decoding.Knobs;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Server.Settings;

/// <summary>
/// Reads settings from whatever JSON an editor sends. An invalid value leaves the current one in force and is reported in one sentence; keys
/// of other programs are ignored. A deprecated name is accepted and reported.
/// </summary>
internal static class SettingsReader
{
    /// <summary>The settings with all relative paths resolved against a folder.</summary>
    /// <param name="folder">Absolute path; null: the settings are returned unchanged.</param>
    public static ServerSettings From(string? folder, ServerSettings settings) => folder is null
        ? settings
        : ServerSettings.All.Where(setting => setting.Kind is PathKind)
            .Aggregate(settings, (changed, setting) => setting.Set(changed, UserPath.From((string)setting.Get(changed), folder)));

    /// <param name="json">An object with the settings, or with a section <c>diffusionLsp</c> that contains them.</param>
    /// <param name="current">The values in force.</param>
    /// <param name="problems">Receives one sentence for each rejected value or name.</param>
    public static ServerSettings Read(JsonElement? json, ServerSettings current, ICollection<string> problems)
    {
        if (json is not { ValueKind: JsonValueKind.Object } settings) return current;
        bool ours = settings.TryGetProperty(ServerSettings.Section, out JsonElement section);
        if (ours && section.ValueKind == JsonValueKind.Object) settings = section;

        // Deprecated names come last, so that they override: editors also send the defaults of the new ones.
        foreach (JsonProperty property in settings.EnumerateObject().OrderBy(p => ServerSettings.All.Any(s => s.FormerName == p.Name)))
        {
            Setting? setting = ServerSettings.All.FirstOrDefault(s => s.Name == property.Name || s.FormerName == property.Name);
            if (setting is null)
            {
                if (ours) problems.Add($"There is no setting {ServerSettings.Section}.{property.Name}; see docs/EDITORS.md for the list.");
                continue;
            }
            if (property.Value.ValueKind == JsonValueKind.Null) continue;
            if (property.Name == setting.FormerName) problems.Add($"The setting {ServerSettings.Section}.{property.Name} is deprecated and overrides its new name, {ServerSettings.Section}.{setting.Name}; use that one instead.");
            if (setting.Kind.Read(property.Value) is { } value) current = setting.Set(current, value);
            else problems.Add($"{setting.Kind.Refusal($"The setting {ServerSettings.Section}.{setting.Name}", property.Value.GetRawText())}; {setting.ValueOf(current)} is used instead.");
        }
        return current;
    }
}
