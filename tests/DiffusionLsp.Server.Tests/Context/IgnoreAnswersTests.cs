using System.Collections.Concurrent;
using DiffusionLsp.Server.Context;

namespace DiffusionLsp.Server.Tests.Context;

/// <summary>Known answers are returned at once; changes on disk are noticed within two seconds.</summary>
public sealed class IgnoreAnswersTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ManualTime time = new();
    private readonly IgnoreAnswers answers;

    public IgnoreAnswersTests() => answers = new IgnoreAnswers(new IgnoreFolders(".x", time).Ignores, time);

    public void Dispose() => folder.Dispose();

    private Task<IgnorePattern?> Ask(string path) => answers.FindAsync(folder.Path, path);

    [Fact]
    public async Task What_was_asked_for_a_moment_ago_is_complete_at_once()
    {
        folder.Write(".x", "*.cs\n");
        Assert.Equal("*.cs", (await Ask("a.cs"))?.Text);
        Assert.True(Ask("a.cs").IsCompleted);
        Assert.Null(await Ask("a.ts"));
    }

    [Fact]
    public async Task A_change_is_noticed_within_two_seconds_whether_or_not_somebody_asks_meanwhile()
    {
        Assert.Null(await Ask("a.cs"));
        folder.Write(".x", "*.cs\n");
        time.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Equal("*.cs", (await Ask("a.cs"))?.Text);

        File.Delete(Path.Combine(folder.Path, ".x"));
        for (int i = 0; i < 21; i++)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            await Ask("a.cs");
        }
        Assert.Null(await Ask("a.cs"));
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_holds_nobody_and_nothing_is_known_meanwhile()
    {
        using ManualResetEventSlim spun = new();
        var asked = new ConcurrentQueue<string>();
        var slow = new IgnoreAnswers((_, path) =>
        {
            asked.Enqueue(path);
            spun.Wait();
            return null;
        }, time);
        Task<IgnorePattern?> first = slow.FindAsync("/w", "a.cs");
        time.Advance(TimeSpan.FromMinutes(1));
        Task<IgnorePattern?> again = slow.FindAsync("/w", "a.cs"), other = slow.FindAsync("/w", "b.cs");
        Assert.False(first.IsCompleted || again.IsCompleted || other.IsCompleted);
        spun.Set();
        await Task.WhenAll(first, again, other);
        Assert.Equal(["a.cs", "b.cs"], asked.Order());
    }

    [Fact]
    public async Task An_answer_that_is_too_old_is_not_given()
    {
        using ManualResetEventSlim spun = new(initialState: true);
        bool isIgnored = false;
        var answers = new IgnoreAnswers((_, _) =>
        {
            spun.Wait();
            return isIgnored ? IgnorePattern.Parse("*.cs") : null;
        }, time);
        Assert.Null(await answers.FindAsync("/w", "a.cs"));
        isIgnored = true;
        spun.Reset();
        time.Advance(TimeSpan.FromSeconds(2));
        Task<IgnorePattern?> now = answers.FindAsync("/w", "a.cs");
        Assert.False(now.IsCompleted); // so nothing is offered yet
        spun.Set();
        Assert.NotNull(await now);
    }

    [Fact]
    public async Task A_path_that_no_disk_can_have_is_ignored() => Assert.NotNull(await Ask("a\0b/c.cs"));
}
