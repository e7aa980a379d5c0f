using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Native;

/// <summary>Whether OpenSSL is there, which .NET needs on Linux for encrypted connections and keys: where it is not, .NET ends the process.</summary>
public static class OpenSsl
{
    private static readonly string[] Names = ["libssl.so.3", "libssl.so.1.1", "libssl.so"];

    /// <summary>Why what needs it cannot be done, as a sentence; null: it can, or this system does without.</summary>
    /// <param name="what">What needs it, as the beginning of the sentence.</param>
    public static string? Problem(string what) => !OperatingSystem.IsLinux() || Names.Any(name => NativeLibrary.TryLoad(name, out _))
        ? null
        : $"{what} needs OpenSSL (libssl.so.3), which is not installed; install it (Debian, Ubuntu: apt install libssl3; Fedora: dnf install openssl-libs).";
}
