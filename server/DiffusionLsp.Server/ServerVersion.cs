using System.Reflection;

namespace DiffusionLsp.Server;

/// <summary>The version of this build, as Directory.Build.props states it.</summary>
internal static class ServerVersion
{
    public static string Text { get; } =
        typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
