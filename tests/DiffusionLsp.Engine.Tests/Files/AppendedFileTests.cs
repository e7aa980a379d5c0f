using System.Diagnostics;
using DiffusionLsp.Engine.Files;

namespace DiffusionLsp.Engine.Tests.Files;

/// <summary>Lines of several writers are all present and intact; a target that cannot be written fails at once.</summary>
public sealed class AppendedFileTests : IDisposable
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task No_line_of_several_writers_is_torn_or_lost()
    {
        // Each append opens the file anew, as another process would.
        const int writers = 8, lines = 300;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
        {
            for (int i = 0; i < lines; i++) AppendedFile.Append(folder.File("f"), $"{writer}:{i}:{new string((char)('a' + writer), 50 + i)}\n");
        })));
        string[] expected = [.. from writer in Enumerable.Range(0, writers) from i in Enumerable.Range(0, lines) select $"{writer}:{i}:{new string((char)('a' + writer), 50 + i)}"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), File.ReadAllLines(folder.File("f")).Order(StringComparer.Ordinal));
    }

    [LinuxFact]
    public async Task A_full_disk_a_folder_and_a_fifo_are_refused_in_words()
    {
        File.CreateSymbolicLink(folder.File("full"), "/dev/full");
        Assert.Equal("No space left on device", Assert.Throws<IOException>(() => AppendedFile.Append(folder.File("full"), "a\n")).Message);
        Assert.Equal("Is a directory", Assert.ThrowsAny<IOException>(() => AppendedFile.Append(folder.Path, "a\n")).Message);
        using (Process made = Process.Start("mkfifo", folder.File("fifo"))) await made.WaitForExitAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => Task.Run(() => AppendedFile.Append(folder.File("fifo"), "a\n")).WaitAsync(Hang));
        Assert.ThrowsAny<IOException>(() => AppendedFile.Append(folder.File("none/f"), "a\n"));
    }
}
