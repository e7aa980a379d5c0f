using DiffusionLsp.Engine.Native;

namespace DiffusionLsp.Engine.Tests.Native;

/// <summary>Free memory from files as the kernel writes them: the lowest of machine, control groups and own limits, with reclaimable caches counted as free.</summary>
public sealed class LinuxMemoryTests : IDisposable
{
    private const long Megabyte = 1 << 20;
    private readonly TemporaryFolder folder = new();

    public LinuxMemoryTests()
    {
        Write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree:          100000 kB\nMemAvailable:    8388608 kB\n");
        Write("proc/self/status", "Name:\tx\nVmSize:\t 2097152 kB\nVmData:\t  524288 kB\n");
        Write("proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units     \nMax data size             unlimited            unlimited            bytes     \nMax address space         unlimited            unlimited            bytes     \n");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_groups_it_is_what_the_kernel_says() => Assert.Equal(8L << 30, Free());

    [Fact]
    public void A_group_of_500_megabytes_full_of_cached_files_is_half_free()
    {
        Second("0::/app.slice/server.scope\n", "/");
        Group("app.slice/server.scope", "max", current: 400, inactive: 200, active: 100);
        Group("app.slice", $"{500 * Megabyte}", current: 450, inactive: 150, active: 100);
        Assert.Equal(500 - 450 + 150 + 50, Free() / Megabyte);
    }

    [Fact]
    public void The_tightest_group_counts_and_a_soft_limit_is_one()
    {
        Second("0::/a/b\n", "/");
        Group("a/b", $"{900 * Megabyte}", current: 100, inactive: 0, active: 0);
        Write("sys/fs/cgroup/a/b/memory.high", $"{300 * Megabyte}\n");
        Group("a", $"{1000 * Megabyte}", current: 100, inactive: 0, active: 0);
        Assert.Equal(200, Free() / Megabyte);
    }

    [Fact]
    public void A_container_sees_its_group_at_the_mount()
    {
        Second("0::/docker/1234\n", "/docker/1234");
        Group("", $"{500 * Megabyte}", current: 300, inactive: 60, active: 0);
        Assert.Equal(260, Free() / Megabyte);
        Second("0::/../other\n", "/");
        Assert.Equal(260, Free() / Megabyte);
    }

    [Fact]
    public void The_first_version_counts_too()
    {
        Write("proc/self/cgroup", "11:cpu,cpuacct:/x\n9:memory:/docker/1\n");
        Write("proc/self/mountinfo", "30 25 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n31 25 0:27 /docker/1 /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", $"{500 * Megabyte}\n");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", $"{480 * Megabyte}\n");
        Write("sys/fs/cgroup/memory/memory.stat", $"inactive_file 1\ntotal_inactive_file {200 * Megabyte}\ntotal_active_file {20 * Megabyte}\n");
        Assert.Equal(230, Free() / Megabyte);
    }

    [Fact]
    public void A_limit_of_the_process_leaves_what_it_has_not_taken()
    {
        Write("proc/self/limits", $"Max data size             {600 * Megabyte}            unlimited            bytes     \nMax address space         {10L << 30}            unlimited            bytes     \n");
        Assert.Equal(600 - 512, Free() / Megabyte);
    }

    [Fact]
    public void A_group_that_is_over_its_limit_has_nothing_free()
    {
        Second("0::/\n", "/");
        Group("", $"{100 * Megabyte}", current: 120, inactive: 5, active: 0);
        Assert.Equal(0, Free());
    }

    [Theory]
    [InlineData("sys/fs/cgroup/memory.max", "")]
    [InlineData("sys/fs/cgroup/memory.current", "many\n")]
    [InlineData("proc/self/mountinfo", "a b c\n- - -\n")]
    [InlineData("proc/self/cgroup", "\n:\n0:\n")]
    [InlineData("proc/self/limits", "Max data size\n")]
    public void What_cannot_be_read_limits_nothing(string file, string content)
    {
        Second("0::/\n", "/");
        Group("", "max", current: 100, inactive: 5, active: 0);
        Write(file, content);
        Assert.Equal(8L << 30, Free());
    }

    [Fact]
    public void Nothing_to_read_is_no_answer() => Assert.Null(new LinuxMemory(Path.Combine(folder.Path, "nowhere")).Free());

    [Fact]
    public void This_machine_has_an_answer() => Assert.True(!OperatingSystem.IsLinux() || new LinuxMemory().Free() is > 0);

    private long? Free() => new LinuxMemory(folder.Path).Free();

    private void Second(string membership, string mountedRoot)
    {
        Write("proc/self/cgroup", membership);
        Write("proc/self/mountinfo", $"22 1 0:20 / /proc rw - proc proc rw\n30 25 0:26 {mountedRoot} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
    }

    /// <summary>Megabytes.</summary>
    private void Group(string path, string limit, int current, int inactive, int active)
    {
        Write($"sys/fs/cgroup/{path}/memory.max", limit + "\n");
        Write($"sys/fs/cgroup/{path}/memory.current", $"{current * Megabyte}\n");
        Write($"sys/fs/cgroup/{path}/memory.stat", $"anon 12345\nfile 1\ninactive_file {inactive * Megabyte}\nactive_file {active * Megabyte}\nactive_file_x 9\n");
    }

    private void Write(string file, string content)
    {
        string path = Path.Combine(folder.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
