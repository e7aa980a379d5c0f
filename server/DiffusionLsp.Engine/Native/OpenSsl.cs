using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>Whether OpenSSL is installed. On Linux .NET needs it for encrypted connections and keys, and ends the process without it.</summary>
public static class OpenSsl
{
    private static readonly string[] Names = ["libssl.so.3", "libssl.so.1.1", "libssl.so"];

    /// <summary>The error if OpenSSL is missing, as a sentence; null: it is installed, or this system does not need it.</summary>
    /// <param name="what">The feature that needs it, as the subject of the sentence.</param>
    public static string? Problem(string what) => !OperatingSystem.IsLinux() || Names.Any(name => NativeLibrary.TryLoad(name, out _))
        ? null
        : $"{what} needs OpenSSL (libssl.so.3), which is not installed; install it (Debian, Ubuntu: apt install libssl3; Fedora: dnf install openssl-libs).";
}
