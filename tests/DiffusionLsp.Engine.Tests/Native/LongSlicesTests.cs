using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>The wish for long slices changes the calling thread alone, and nothing else about it.</summary>
public sealed class LongSlicesTests
{
    [Fact]
    public void The_thread_keeps_its_policy_and_priority_and_others_their_slices()
    {
        var seen = new Dictionary<string, string>();
        bool taken = false;
        var thread = new Thread(() =>
        {
            Add(seen, "before");
            taken = LongSlices.Ask();
            Add(seen, "after");
        });
        thread.Start();
        thread.Join();
        Assert.Equal(OperatingSystem.IsLinux(), taken);
        if (!taken) return;
        Assert.Equal(seen.GetValueOrDefault("before policy"), seen.GetValueOrDefault("after policy"));
        Assert.Equal(seen.GetValueOrDefault("before prio"), seen.GetValueOrDefault("after prio"));
        // Kernels before 6.12 show no slice: they have none to set.
        if (seen.TryGetValue("after se.slice", out string? slice))
        {
            Assert.Equal("100000000", slice);
            Assert.NotEqual(slice, seen["before se.slice"]);
        }
    }

    private static void Add(Dictionary<string, string> seen, string when)
    {
        const string path = "/proc/thread-self/sched"; // not every kernel has it
        if (!File.Exists(path)) return;
        foreach (string line in File.ReadLines(path))
            if (line.Split(':') is [var name, var value] && name.Trim() is "policy" or "prio" or "se.slice")
                seen[$"{when} {line.Split(':')[0].Trim()}"] = value.Trim();
    }
}
