using System.Globalization;
using DiffusionLsp.Server.CommandLine;
using DiffusionLsp.Server.Metrics;
using Serilog.Core;
using Spectre.Console;

namespace DiffusionLsp.Server.Tests.Metrics;

/// <summary>From events to files, to a summary, to a picture.</summary>
public sealed class MetricsTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);
    private readonly string root = Directory.CreateTempSubdirectory("dlsp-").FullName;
    private readonly MetricsFolder folder;

    public MetricsTests() => folder = new MetricsFolder(Path.Combine(root, "metrics"));

    private static IEnumerable<MetricsEvent> Day() =>
    [
        .. Enumerable.Range(1, 100).Select(i => new MetricsEvent(Now, MetricsEvent.Answer) { Path = "decode", Milliseconds = i, Characters = 5 }),
        new(Now, MetricsEvent.Answer) { Path = "typeThrough", Milliseconds = 0.5 },
        new(Now, MetricsEvent.Answer) { Path = "gate", Reason = "MidLine" },
        new(Now, MetricsEvent.Answer) { Reason = "Cancelled" },
        new(Now, MetricsEvent.Answer) { Reason = "Cancelled" },
        new(Now, MetricsEvent.Shown), new(Now, MetricsEvent.Shown), new(Now, MetricsEvent.Shown), new(Now, MetricsEvent.Shown),
        new(Now, "accepted") { Characters = 20 }, new(Now, "partiallyAccepted") { Characters = 4 }, new(Now, "dismissed"), new(Now, MetricsEvent.Typed),
        new(Now, MetricsEvent.Kept) { Share = 0.5 },
    ];

    [Fact]
    public void Events_come_back_as_they_were_written()
    {
        foreach (MetricsEvent metric in Day()) folder.Append(metric, Logger.None);
        Assert.Equal(Day(), folder.Read(Now.AddDays(-1)).Events);
        Assert.Empty(folder.Read(Now.AddSeconds(1)).Events);
    }

    [Fact]
    public void A_line_that_a_crash_cut_off_is_passed_over()
    {
        folder.Append(new MetricsEvent(Now, MetricsEvent.Shown), Logger.None);
        File.AppendAllText(Path.Combine(folder.Path, "metrics-2026-06.jsonl"), "{\"at\":\"2026-\n{\"x\":1}\n");
        Assert.Single(folder.Read(DateTimeOffset.MinValue).Events);
    }

    [Fact]
    public async Task Several_servers_tear_no_lines()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(server => Task.Run(() =>
        {
            var own = new MetricsFolder(folder.Path);
            for (int i = 0; i < 100; i++) own.Append(new MetricsEvent(Now, MetricsEvent.Answer) { Language = new string((char)('a' + server), 10 * server), Characters = i }, Logger.None);
        })));
        MetricsLines read = folder.Read(DateTimeOffset.MinValue);
        Assert.Equal((800, 0), (read.Events.Count, read.Torn));
        Assert.All(read.Events.GroupBy(e => e.Language), server => Assert.Equal(Enumerable.Range(0, 100), server.Select(e => e.Characters!.Value)));
    }

    [Fact]
    public void Torn_lines_are_counted_and_cost_only_themselves()
    {
        var shown = new MetricsEvent(Now, MetricsEvent.Shown);
        folder.Append(shown, Logger.None);
        string file = Assert.Single(Directory.GetFiles(folder.Path));
        File.AppendAllText(file, shown.ToJson()[..20]); // a full disk; then the next event follows on it
        folder.Append(shown, Logger.None);
        File.AppendAllText(file, "\n\nno event\n" + new string('x', 1 << 20) + "\n");
        folder.Append(shown, Logger.None);
        MetricsLines read = folder.Read(DateTimeOffset.MinValue);
        Assert.Equal((3, 3), (read.Events.Count, read.Torn));
        Assert.Contains("Unreadable lines, not counted: 3.", Draw(MetricsSummary.Of(read, 30)));
    }

    [LinuxFact]
    public async Task Files_that_cannot_be_read_or_written_are_named_and_nothing_waits()
    {
        folder.Append(new MetricsEvent(Now, MetricsEvent.Shown), Logger.None);
        Assert.Null(folder.Problem(Now));
        string fifo = Path.Combine(folder.Path, "metrics-2026-05.jsonl"), full = Path.Combine(folder.Path, "metrics-2026-07.jsonl");
        using (var made = System.Diagnostics.Process.Start("mkfifo", fifo)) await made.WaitForExitAsync();
        Directory.CreateDirectory(Path.Combine(folder.Path, "metrics-2026-04.jsonl"));
        File.CreateSymbolicLink(full, "/dev/full");
        foreach (int month in new[] { 4, 5, 7 }) Assert.NotNull(await Task.Run(() => folder.Problem(Now.AddMonths(month - 6))).WaitAsync(TimeSpan.FromSeconds(30)));
        MetricsLines read = await Task.Run(() => folder.Read(DateTimeOffset.MinValue)).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(read.Events);
        Assert.Equal(3, read.Unreadable.Count);
        string Dense(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))); // lines are wrapped
        Assert.Contains(Dense($"Unreadable file, not counted: {fifo}: it is not a regular file."), Dense(Draw(MetricsSummary.Of(read, 30))));
    }

    [Fact]
    public void Six_months_are_kept()
    {
        for (int month = 1; month <= 8; month++) folder.Append(new MetricsEvent(new DateTimeOffset(2026, month, 1, 0, 0, 0, TimeSpan.Zero), MetricsEvent.Shown), Logger.None);
        Assert.Equal(Enumerable.Range(3, 6), folder.Read(DateTimeOffset.MinValue).Events.Select(e => e.At.Month));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_costs_nothing_but_the_event()
    {
        File.WriteAllText(folder.Path, "a file where the folder should be");
        folder.Append(new MetricsEvent(Now, MetricsEvent.Shown), Logger.None);
        Assert.Empty(folder.Read(DateTimeOffset.MinValue).Events);
    }

    [Fact]
    public void The_summary_adds_up()
    {
        MetricsSummary summary = MetricsSummary.Of(Day(), 30);
        Assert.Equal((104, 101, 4), (summary.Answers, summary.Offered, summary.Shown));
        Assert.Equal((0.5, 24, 0.5), (summary.AcceptanceRate, summary.AcceptedCharacters, summary.KeptShare));
        Assert.Equal([new PathRow("typeThrough", 1, 0.5, 0.5, 0.5), new PathRow("decode", 100, 50, 95, 99)], summary.Paths);
        Assert.Equal([new CountRow("Cancelled", 2), new CountRow("MidLine", 1)], summary.Reasons);
        Assert.Equal([new CountRow("2026-06-15", 1)], summary.PerDay);
    }

    [Fact]
    public void The_picture_shows_latencies_and_bars()
    {
        string picture = Draw(MetricsSummary.Of(Day(), 30));
        Assert.Matches(@"decode\W+100\W+50\.0\W+95\.0\W+99\.0", picture);
        Assert.Contains("Accepted: 50 % of those shown, 24 characters; 50 % still there after 30 s.", picture);
        Assert.Matches(@"Cancelled\W+2", picture);
        Assert.Contains("There are no metrics for the last 30 days", Draw(MetricsSummary.Of([], 30)));
    }

    [Fact]
    public void What_was_expected_stands_beside_what_was_kept()
    {
        AcceptanceCounts counts = AcceptanceCounts.None.With(0.61, kept: true).With(0.65, kept: false).With(0.69, kept: true).With(0.69, kept: true);
        Assert.Null(folder.Acceptance.Write(new Dictionary<string, AcceptanceCounts> { ["nano"] = counts, ["other"] = AcceptanceCounts.None.With(0.95, kept: false) }));
        MetricsSummary summary = MetricsSummary.Of(folder, Now, 30);
        Assert.Equal([(0.6, 0.7, 4, 3, 0.66), (0.9, 1, 1, 0, 0.95)], summary.Reliability.Select(r => (r.From, r.To, r.Shown, r.Kept, Math.Round(r.Predicted, 9))));
        string picture = Draw(summary);
        Assert.Matches(@"60–70 %\W+4\W+3\W+66 %\W+75 %\W+■{13}│■ ", picture);
        Assert.Contains("Learned from 5 suggestions; once a model has 40, they adjust what is shown.", picture.Replace("\n", " "));
        File.WriteAllText(folder.Acceptance.Path, "no JSON");
        Assert.Contains("learning starts again: line 1 was not written by this program.", string.Join(' ', Draw(MetricsSummary.Of(folder, Now, 30)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void Without_offers_and_acceptances_there_is_still_a_picture() =>
        Assert.Contains("1 requests", Draw(MetricsSummary.Of([new MetricsEvent(Now, MetricsEvent.Answer) { Reason = "Blank" }], 30)));

    [Theory]
    [InlineData("a();\n  b();", "x\n    a();\n}", 0.5)]
    [InlineData("a();", "a();", 1)]
    [InlineData("a();", "b();", 0)]
    [InlineData("\n", "b();", 1)]
    public void What_is_kept_is_counted_by_lines(string suggestion, string text, double share) => Assert.Equal(share, UsageRecorder.KeptShare(suggestion, text));

    [Fact]
    public void A_language_that_is_no_text_does_not_spoil_its_line() =>
        Assert.Equal("a\uFFFD", MetricsEvent.FromJson(new MetricsEvent(Now, MetricsEvent.Shown) { Language = "a\ud83d" }.ToJson())!.Language);

    private string Draw(MetricsSummary summary)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        StatsPrinter.Print(summary, folder.Path, AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) }));
        return writer.ToString().ReplaceLineEndings("\n");
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
