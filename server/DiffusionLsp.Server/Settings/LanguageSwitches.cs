using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DiffusionLsp.Server.Settings;

/// <summary>Which languages are switched on: a map from language identifier to yes or no, with "*" for all others.</summary>
internal sealed record LanguageSwitches(ImmutableDictionary<string, bool> ByLanguage)
{
    public static LanguageSwitches AllOn { get; } = new(ImmutableDictionary<string, bool>.Empty.Add("*", true));

    public bool IsOn(string languageId) =>
        ByLanguage.TryGetValue(languageId, out bool on) ? on : ByLanguage.GetValueOrDefault("*", true);
}

/// <summary>The row that reads <see cref="LanguageSwitches"/>.</summary>
internal sealed class LanguagesSetting(string name, string description, Func<ServerSettings, LanguageSwitches> get, Func<ServerSettings, LanguageSwitches, ServerSettings> set) : Setting(name, description)
{
    public override string Accepts => "an object of language identifiers with true or false";

    public override JsonObject Schema => new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "boolean" } };

    public override string ValueOf(ServerSettings settings) => JsonSerializer.Serialize(get(settings).ByLanguage);

    public override ServerSettings? Read(JsonElement value, ServerSettings settings)
    {
        if (value.ValueKind != JsonValueKind.Object) return null;
        var switches = ImmutableDictionary.CreateBuilder<string, bool>();
        foreach (JsonProperty language in value.EnumerateObject())
        {
            if (language.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return null;
            switches[language.Name] = language.Value.GetBoolean();
        }
        return set(settings, new LanguageSwitches(switches.ToImmutable()));
    }
}
