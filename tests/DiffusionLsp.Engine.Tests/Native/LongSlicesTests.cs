using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>Long slices are set for the calling thread alone, and change neither its policy nor its priority.</summary>
public sealed class LongSlicesTests
{
    private const string Details = "/proc/thread-self/sched";

    [LinuxFact]
    public void The_thread_keeps_its_policy_and_priority()
    {
        (string Before, string After) seen = InThread(Scheduling);
        Assert.Matches(@"^-?\d+ -?\d+ \d+$", seen.Before);
        Assert.Equal(seen.Before, seen.After);
    }

    [SliceFact]
    public void Its_slice_is_the_longest_and_that_of_others_stays()
    {
        string own = Slice();
        (string Before, string After) seen = InThread(Slice);
        Assert.Equal("100000000", seen.After);
        Assert.Equal(seen.Before, own);
        Assert.NotEqual(seen.After, own);
        Assert.Equal(own, Slice());
    }

    /// <summary>What another thread sees of itself before and after it asks for long slices.</summary>
    private static (string Before, string After) InThread(Func<string> look)
    {
        (string, string) seen = default;
        bool taken = false;
        var thread = new Thread(() =>
        {
            string before = look();
            taken = LongSlices.Ask();
            seen = (before, look());
        });
        thread.Start();
        thread.Join();
        Assert.True(taken);
        return seen;
    }

    /// <summary>Priority, nice value and policy: fields 18, 19 and 41 of proc(5)'s stat, counted behind the name in parentheses.</summary>
    private static string Scheduling() =>
        File.ReadAllText("/proc/thread-self/stat") is var stat && stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is var fields ? $"{fields[15]} {fields[16]} {fields[38]}" : "";

    private static string Slice() => File.ReadLines(Details).Single(line => line.StartsWith("se.slice", StringComparison.Ordinal)).Split(':')[1].Trim();

    /// <summary>Needs a kernel that has slices (6.12 and later) and shows them.</summary>
    private sealed class SliceFactAttribute : FactAttribute
    {
        public SliceFactAttribute() => Skip = File.Exists(Details) && File.ReadAllText(Details).Contains("se.slice") ? null : "This kernel has no slices to set, or does not show them.";
    }
}
