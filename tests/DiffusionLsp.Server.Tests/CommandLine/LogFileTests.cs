using DiffusionLsp.Server.CommandLine;
using Serilog.Formatting.Display;

namespace DiffusionLsp.Server.Tests.CommandLine;

/// <summary>One file a day, for at most a week and of limited size; a line that cannot be written is dropped, and the reason is reported.</summary>
public sealed class LogFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ManualTime time = new();

    public void Dispose() => folder.Dispose();

    private LogFile Log(string name = "logs") => new(In(name), new MessageTemplateTextFormatter("{Message:lj}{NewLine}"), time);

    private string In(string name) => Path.Combine(folder.Path, name);

    private string[] Files() => [.. Directory.EnumerateFiles(In("logs")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Lines_of_a_day_are_one_file_and_a_week_is_kept()
    {
        for (int day = 0; day < 10; day++)
        {
            Assert.Null(Log().Write("a\n"));
            Assert.Null(Log().Write("b\n"));
            time.Advance(TimeSpan.FromDays(1));
        }
        Assert.Equal(7, Files().Length);
        Assert.All(Files(), f => Assert.Equal("a\nb\n", File.ReadAllText(Path.Combine(In("logs"), f))));
        Assert.All(Files(), f => Assert.Matches(@"^diffusion-lsp-\d{8}\.log$", f));
    }

    [Fact]
    public void A_full_file_is_followed_by_another()
    {
        string large = new('x', 10 << 20);
        Assert.Null(Log().Write(large));
        Assert.Null(Log().Write("next\n"));
        Assert.Equal(2, Files().Length);
        Assert.EndsWith("_001.log", Files()[1]);
        Assert.Equal("next\n", File.ReadAllText(Path.Combine(In("logs"), Files()[1])));
    }

    [LinuxFact]
    public void What_cannot_be_written_is_said()
    {
        folder.Write("file", "");
        Assert.Contains(In("file"), Log("file").Write("a\n"));
        Assert.Equal("a file has that name", Log("file").Problem());
        Assert.Null(Log().Problem());
        File.Delete(Path.Combine(In("logs"), Files()[0]));
        File.CreateSymbolicLink(Path.Combine(In("logs"), $"diffusion-lsp-{time.GetLocalNow():yyyyMMdd}.log"), "/dev/full");
        Assert.EndsWith(".log: No space left on device", Log().Write("a\n"));
        Assert.EndsWith(".log: No space left on device", Log().Problem());
    }
}
