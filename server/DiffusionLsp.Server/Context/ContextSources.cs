using DiffusionLsp.Server.Context.Sources;

namespace DiffusionLsp.Server.Context;

/// <summary>The sources in their order. A file that several of them find counts for the one with the highest score.</summary>
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
