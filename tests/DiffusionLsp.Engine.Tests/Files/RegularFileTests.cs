using System.Diagnostics;
using DiffusionLsp.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace DiffusionLsp.Engine.Tests.Files;

/// <summary>Anything but a finite regular file is rejected with an explanation, without blocking.</summary>
public sealed class RegularFileTests : IDisposable
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_comes_back_whole()
    {
        File.WriteAllBytes(folder.File("f"), [1, 2, 3]);
        Assert.Equal([1, 2, 3], RegularFile.ReadBytes(folder.File("f"), 3));
        File.WriteAllText(folder.File("f"), "\uFEFFä🙂");
        Assert.Equal("ä🙂", RegularFile.ReadText(folder.File("f"), 100));
        File.WriteAllText(folder.File("f"), "");
        Assert.Equal("", RegularFile.ReadText(folder.File("f"), 0));
    }

    [Fact]
    public void What_is_too_large_missing_or_a_folder_is_refused_in_words()
    {
        File.WriteAllBytes(folder.File("f"), [1, 2, 3]);
        Assert.Equal("it has 3 bytes, more than 2", Assert.Throws<IOException>(() => RegularFile.ReadBytes(folder.File("f"), 2)).Message);
        Assert.Equal("it is a folder", Assert.Throws<IOException>(() => RegularFile.Open(folder.Path)).Message);
        Assert.Equal("its name contains a null character", Assert.Throws<IOException>(() => RegularFile.Open(folder.File("f\0"))).Message);
        Assert.Throws<FileNotFoundException>(() => RegularFile.Open(folder.File("none")));
    }

    [UnixFact]
    public async Task A_fifo_is_refused_at_once()
    {
        using (Process made = Process.Start("mkfifo", folder.File("fifo"))) await made.WaitForExitAsync();
        Assert.Equal("it is not a regular file", (await Assert.ThrowsAsync<IOException>(() => Task.Run(() => RegularFile.Open(folder.File("fifo"))).WaitAsync(Hang))).Message);
    }

    [LinuxTheory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/full")]
    [InlineData("/proc/self/status")]
    public async Task What_has_no_length_is_refused_at_once(string device)
    {
        File.CreateSymbolicLink(folder.File("link"), device);
        Assert.Equal("it is not a regular file", (await Assert.ThrowsAsync<IOException>(() => Task.Run(() => RegularFile.ReadBytes(folder.File("link"), 100)).WaitAsync(Hang))).Message);
    }

    [Fact]
    public void The_null_device_is_empty()
    {
        if (!OperatingSystem.IsWindows()) Assert.Empty(RegularFile.ReadBytes("/dev/null", 100));
    }

    [Fact]
    public void A_file_that_became_shorter_is_refused_with_the_place()
    {
        File.WriteAllBytes(folder.File("f"), new byte[100_000]);
        using SafeFileHandle file = RegularFile.Open(folder.File("f"));
        using (FileStream other = new(folder.File("f"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) other.SetLength(7_000);
        Assert.Contains("ends at byte 7000", Assert.Throws<EndOfStreamException>(() => RegularFile.ReadExactly(file, new byte[100_000], 0)).Message);
    }
}
