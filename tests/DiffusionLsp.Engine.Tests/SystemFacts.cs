namespace DiffusionLsp.Engine.Tests;

/// <summary>A test that only Linux can run. On other systems it is reported as skipped, with the reason.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : SystemFacts.NeedsLinux;
}

/// <inheritdoc cref="LinuxFactAttribute"/>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : SystemFacts.NeedsLinux;
}

/// <summary>A test that Windows cannot run. There it is reported as skipped, with the reason.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? SystemFacts.NeedsUnix : null;
}

/// <inheritdoc cref="UnixFactAttribute"/>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? SystemFacts.NeedsUnix : null;
}

internal static class SystemFacts
{
    public const string NeedsLinux = "Tests a behaviour that only Linux has.", NeedsUnix = "Tests a behaviour that Windows does not have.";
}
