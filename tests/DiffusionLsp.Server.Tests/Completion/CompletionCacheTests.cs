using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>When a remembered suggestion fits, and when it is forgotten.</summary>
public class CompletionCacheTests
{
    private readonly ManualTime clock = new();
    private readonly CompletionCache cache;
    private readonly SessionFixture fixture = new(new ScriptedEngine(""));

    public CompletionCacheTests() => cache = new CompletionCache(clock);

    [Theory]
    [InlineData("x = ║;", "foo(1)")]
    [InlineData("x = f║;", "oo(1)")]
    [InlineData("x = foo(1║;", ")")]
    [InlineData("x = foo(1)║;", null)] // all of it is typed
    [InlineData("x = g║;", null)]
    [InlineData("x =║;", null)]
    [InlineData("x = ║,", null)]
    [InlineData("y; x = ║;", null)] // the old prefix was all there was
    public void Fits_where_the_text_is_what_it_was(string drawn, string? rest)
    {
        cache.Add(fixture.At("x = ║;"), "foo(1)");
        Assert.Equal(rest, cache.Find(fixture.At(drawn))?.Rest);
    }

    [Fact]
    public void Far_text_may_change()
    {
        string near = new string('a', 1200) + "\r\nx = ";
        cache.Add(fixture.At("old\r\n" + near + "║"), "foo");
        Assert.Equal("oo", cache.Find(fixture.At("new and longer\r\n" + near + "f║"))?.Rest);
        Assert.Null(cache.Find(fixture.At(near[300..] + "f║")));
    }

    [Fact]
    public void Typed_line_breaks_may_be_of_either_kind()
    {
        cache.Add(fixture.At("{\r\n  ║\r\n}"), "a();\n  b();");
        Assert.Equal("b();", cache.Find(fixture.At("{\r\n  a();\r\n  ║\r\n}"))?.Rest);
    }

    [Fact]
    public void Forgets_after_five_minutes_beyond_its_size_and_on_demand()
    {
        fixture.Settings = new ServerSettings { CacheEntries = 2 };
        cache.Add(fixture.At("a║"), "1");
        cache.Add(fixture.At("b║"), "2");
        cache.Add(fixture.At("c║"), "3");
        Assert.Null(cache.Find(fixture.At("a║")));
        Assert.Equal("2", cache.Find(fixture.At("b║"))?.Rest);
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(cache.Find(fixture.At("b║")));
        cache.Add(fixture.At("d║"), "4");
        cache.Clear();
        Assert.Null(cache.Find(fixture.At("d║")));
    }

    [Fact]
    public void Says_whether_it_was_typed_along_asked_again_or_decoded_ahead()
    {
        cache.Add(fixture.At("x = ║;"), "foo(1)");
        Assert.Equal(CompletionPath.Cache, cache.Find(fixture.At("x = ║;"))?.Path);
        Assert.Equal(CompletionPath.TypeThrough, cache.Find(fixture.At("x = f║;"))?.Path);
        cache.Add(fixture.At("y = ║;") with { Source = CompletionSource.Speculation }, "foo(1)");
        Assert.Equal(CompletionPath.Speculation, cache.Find(fixture.At("y = ║;"))?.Path);
    }

    [Fact]
    public void What_the_budget_cut_is_not_for_who_asks_by_hand()
    {
        cache.Add(fixture.At("x = ║;"), "foo", Completeness.CutByBudget);
        Assert.Equal("foo", cache.Find(fixture.At("x = ║;"))?.Rest);
        Assert.Null(cache.Find(fixture.At("x = ║;", CompletionTrigger.Invoked)));
    }
}
