using DiffusionLsp.Engine;
using DiffusionLsp.Server.Remote.Dialects;
using DiffusionLsp.Server.Serve;

namespace DiffusionLsp.Server.Remote;

/// <summary>The table of supported engine kinds: one row each.</summary>
internal static class RemoteKinds
{
    /// <summary>The kind is detected from the engine's own endpoints.</summary>
    public const string Auto = "auto";

    public const string Template = "template";

    /// <summary>No marks are configured.</summary>
    public const string NoTemplate = "none";

    /// <summary>All kinds except template, which depends on another setting.</summary>
    public static IReadOnlyList<IRemoteDialect> All { get; } = [new DiffusionDialect(), new LlamaCppDialect(), new OllamaDialect(), new MistralDialect(), new SuffixDialect()];

    /// <summary>The values of the setting <c>remoteKind</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, .. All.Select(dialect => dialect.Name), Template];

    /// <summary>The values of the setting <c>remoteTemplate</c>.</summary>
    public static IReadOnlyList<string> Templates { get; } = [NoTemplate, .. FimMarks.All.Select(marks => marks.Family)];

    /// <summary>The configured dialect; null: to be detected.</summary>
    /// <exception cref="EngineException">The settings are inconsistent.</exception>
    public static IRemoteDialect? Named(RemoteOptions options) => options.Kind switch
    {
        Auto => null,
        Template when options.Template == NoTemplate => throw new EngineException($"The setting diffusionLsp.remoteKind is template, but diffusionLsp.remoteTemplate names no marks; set it to one of {string.Join(", ", Templates.Skip(1))}."),
        Template => new TemplateDialect(FimMarks.All.First(marks => marks.Family == options.Template)),
        var name => All.First(dialect => dialect.Name == name),
    };
}
