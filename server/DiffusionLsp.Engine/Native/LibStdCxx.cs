using System.Runtime.InteropServices;
using System.Text;

namespace DiffusionLsp.Engine.Native;

/// <summary>Finds out which symbol versions the C++ runtime that this process would load defines (Linux only).</summary>
public static class LibStdCxx
{
    /// <summary>The newest GLIBCXX version of the runtime, for example "GLIBCXX_3.4.30"; null: it cannot be read.</summary>
    public static string? NewestVersion()
    {
        if (!OperatingSystem.IsLinux() || FilePath() is not { } path) return null;
        return Versions(File.ReadAllBytes(path)).MaxBy(v => Version.Parse(v["GLIBCXX_".Length..]));
    }

    /// <summary>Whether the runtime can be read and does not define <paramref name="version"/>.</summary>
    public static bool Lacks(string version) =>
        FilePath() is { } path && !Versions(File.ReadAllBytes(path)).Contains(version);

    private static HashSet<string> Versions(ReadOnlySpan<byte> image)
    {
        var versions = new HashSet<string>();
        ReadOnlySpan<byte> prefix = "GLIBCXX_"u8;
        for (int at = 0; image[at..].IndexOf(prefix) is var step and >= 0;)
        {
            at += step;
            int end = at + prefix.Length;
            while (end < image.Length && (char.IsAsciiDigit((char)image[end]) || image[end] == '.')) end++;
            string text = Encoding.ASCII.GetString(image[at..end]);
            if (Version.TryParse(text[prefix.Length..], out _)) versions.Add(text);
            at = end;
        }
        return versions;
    }

    /// <summary>Loads the runtime by name, as the dynamic linker would, and looks up its path.</summary>
    private static string? FilePath()
    {
        if (!NativeLibrary.TryLoad("libstdc++.so.6", out _)) return null;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            int slash = line.IndexOf('/');
            if (slash > 0 && Path.GetFileName(line.AsSpan(slash)).StartsWith("libstdc++.so")) return line[slash..];
        }
        return null;
    }
}
