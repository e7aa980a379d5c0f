using DiffusionLsp.Server.Context.Sources;

namespace DiffusionLsp.Server.Context;

/// <summary>The sources in order. A file found by several of them gets its highest score.</summary>
internal static class ContextSources
{
    public static IReadOnlyList<IContextSource> All { get; } =
    [
        new RecentEditsSource(),
        new ImportsSource(),
        new OpenTabsSource(),
        new NearbyFilesSource(),
    ];
}
