using System.Globalization;

namespace DiffusionLsp.Engine.Native;

/// <summary>
/// How much more memory this process can get on Linux, within what the machine has available, the limits of its control groups, and
/// its own resource limits. It knows nothing of devices. A source that cannot be read imposes no limit.
/// </summary>
/// <param name="root">Folder that contains proc and sys; other than "/" only in tests.</param>
internal sealed class LinuxMemory(string root = "/")
{
    /// <summary>Bytes; null: unknown.</summary>
    public long? Free()
    {
        long?[] all = [Machine(), .. ControlGroups(), .. OwnLimits()];
        return all.Min() is { } least ? Math.Max(0, least) : null;
    }

    /// <summary>The kernel's estimate of what is available without swapping.</summary>
    private long? Machine() => Field(Lines("proc/meminfo"), "MemAvailable:") * 1024;

    /// <summary>For each control group of this process and its ancestors: the limit minus the usage that cannot be reclaimed.</summary>
    private IEnumerable<long?> ControlGroups()
    {
        string[] memberships = Lines("proc/self/cgroup");
        foreach (string line in Lines("proc/self/mountinfo"))
        {
            // Format: … (3) root of the mount within the file system (4) mount point … - type source options
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (dash < 5 || dash + 3 >= fields.Length) continue;
            bool isSecond = fields[dash + 1] == "cgroup2", isFirst = fields[dash + 1] == "cgroup" && fields[dash + 3].Split(',').Contains("memory");
            if (!isSecond && !isFirst) continue;
            // Format: hierarchy:controllers:path; version 2 lists no controllers
            string? path = memberships.Select(m => m.Split(':', 3)).Where(m => m.Length == 3 && (isSecond ? m[1].Length == 0 : m[1].Split(',').Contains("memory"))).Select(m => m[2]).FirstOrDefault();
            foreach (string folder in Folders(fields[4], fields[3], path ?? "/")) yield return isSecond ? SecondVersion(folder) : FirstVersion(folder);
        }
    }

    /// <summary>The group's folder and its ancestors, up to the mount point.</summary>
    private static IEnumerable<string> Folders(string mount, string mountedRoot, string path)
    {
        string within = path.StartsWith(mountedRoot.TrimEnd('/') + "/", StringComparison.Ordinal) ? path[mountedRoot.TrimEnd('/').Length..] : "/";
        for (string at = within.TrimEnd('/'); at.Length > 0; at = at[..at.LastIndexOf('/')]) yield return mount + at;
        yield return mount;
    }

    private long? SecondVersion(string folder)
    {
        long? limit = new[] { Number(folder + "/memory.max"), Number(folder + "/memory.high") }.Min();
        return limit - Number(folder + "/memory.current") + Reclaimable(folder, "");
    }

    private long? FirstVersion(string folder) =>
        Number(folder + "/memory.limit_in_bytes") - Number(folder + "/memory.usage_in_bytes") + Reclaimable(folder, "total_");

    /// <summary>Cached files count as usage but can be reclaimed; of those in active use only half is counted, as in the kernel's own estimate.</summary>
    private long Reclaimable(string folder, string prefix)
    {
        string[] lines = Lines(folder + "/memory.stat");
        return (Field(lines, prefix + "inactive_file") ?? 0) + (Field(lines, prefix + "active_file") ?? 0) / 2 + (Field(lines, prefix + "slab_reclaimable") ?? 0);
    }

    /// <summary>The process's own limits (ulimit -v, -d) minus its usage.</summary>
    private IEnumerable<long?> OwnLimits()
    {
        string[] limits = Lines("proc/self/limits"), status = Lines("proc/self/status");
        yield return Field(limits, "Max address space") - Field(status, "VmSize:") * 1024;
        yield return Field(limits, "Max data size") - Field(status, "VmData:") * 1024;
    }

    private long? Number(string file) => Lines(file) is [var only, ..] && long.TryParse(only, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>The first number after a name; null: none.</summary>
    private static long? Field(string[] lines, string name)
    {
        string? line = lines.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal) && (l.Length == name.Length || l[name.Length] is ' ' or '\t'));
        string? first = line?[name.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    private string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, file.TrimStart('/')));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
