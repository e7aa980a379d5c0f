using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionLsp.Engine.Decoding.Knobs;

namespace DiffusionLsp.Server.Settings;

/// <summary>Which languages are enabled: a map from language identifier to true or false. "*" stands for all others except prose, which must be named explicitly to be enabled.</summary>
internal sealed record LanguageSwitches(ImmutableDictionary<string, bool> ByLanguage)
{
    private static readonly string[] Prose = ["markdown", "plaintext"];

    public static LanguageSwitches Default { get; } = new(Prose.Aggregate(ImmutableDictionary<string, bool>.Empty.Add("*", true), (all, language) => all.Add(language, false)));

    /// <summary>All languages, including prose.</summary>
    public static LanguageSwitches AllOn { get; } = new(Prose.Aggregate(Default.ByLanguage, (all, language) => all.SetItem(language, true)));

    public bool IsOn(string languageId) =>
        ByLanguage.TryGetValue(languageId, out bool on) ? on : !Prose.Contains(languageId) && ByLanguage.GetValueOrDefault("*", true);
}

/// <summary>An object of language identifiers.</summary>
internal sealed class LanguagesKind : ValueKind<LanguageSwitches>
{
    public override string Accepts => "an object of language identifiers with true or false";

    public override JsonObject Schema => new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "boolean" } };

    public override string Json(object value) => JsonSerializer.Serialize(new SortedDictionary<string, bool>(((LanguageSwitches)value).ByLanguage, StringComparer.Ordinal));

    protected override object? FromJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) return null;
        var switches = ImmutableDictionary.CreateBuilder<string, bool>();
        foreach (JsonProperty language in json.EnumerateObject())
        {
            if (language.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return null;
            switches[language.Name] = language.Value.GetBoolean();
        }
        return new LanguageSwitches(switches.ToImmutable());
    }
}
