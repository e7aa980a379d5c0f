using DiffusionLsp.Engine;
using DiffusionLsp.Server.Remote.Dialects;
using DiffusionLsp.Server.Serve;

namespace DiffusionLsp.Server.Remote;

/// <summary>The kinds of engines that can be asked: one row each.</summary>
internal static class RemoteKinds
{
    /// <summary>The engine's own endpoints say what it is.</summary>
    public const string Auto = "auto";

    public const string Template = "template";

    /// <summary>No marks are named.</summary>
    public const string NoTemplate = "none";

    /// <summary>Without template, which depends on another setting.</summary>
    public static IReadOnlyList<IRemoteDialect> All { get; } = [new DiffusionDialect(), new LlamaCppDialect(), new OllamaDialect(), new MistralDialect(), new SuffixDialect()];

    /// <summary>What the setting <c>remoteKind</c> may say.</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, .. All.Select(dialect => dialect.Name), Template];

    /// <summary>What the setting <c>remoteTemplate</c> may say.</summary>
    public static IReadOnlyList<string> Templates { get; } = [NoTemplate, .. FimMarks.All.Select(marks => marks.Family)];

    /// <summary>The dialect that the settings name; null: it has to be found out.</summary>
    /// <exception cref="EngineException">The settings do not fit together.</exception>
    public static IRemoteDialect? Named(RemoteOptions options) => options.Kind switch
    {
        Auto => null,
        Template when options.Template == NoTemplate => throw new EngineException($"The setting diffusionLsp.remoteKind is template and diffusionLsp.remoteTemplate names no marks; set it to one of {string.Join(", ", Templates.Skip(1))}."),
        Template => new TemplateDialect(FimMarks.All.First(marks => marks.Family == options.Template)),
        var name => All.First(dialect => dialect.Name == name),
    };
}
