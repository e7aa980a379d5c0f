using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>When a remembered suggestion fits, and when it is forgotten.</summary>
public class CompletionCacheTests
{
    private readonly Clock clock = new();
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
        Assert.Equal(rest, cache.Find(fixture.At(drawn)));
    }

    [Fact]
    public void Far_text_may_change()
    {
        string near = new string('a', 1200) + "\r\nx = ";
        cache.Add(fixture.At("old\r\n" + near + "║"), "foo");
        Assert.Equal("oo", cache.Find(fixture.At("new and longer\r\n" + near + "f║")));
        Assert.Null(cache.Find(fixture.At(near[300..] + "f║")));
    }

    [Fact]
    public void Typed_line_breaks_may_be_of_either_kind()
    {
        cache.Add(fixture.At("{\r\n  ║\r\n}"), "a();\n  b();");
        Assert.Equal("b();", cache.Find(fixture.At("{\r\n  a();\r\n  ║\r\n}")));
    }

    [Fact]
    public void Forgets_after_five_minutes_beyond_its_size_and_on_demand()
    {
        fixture.Settings = new ServerSettings { CacheEntries = 2 };
        cache.Add(fixture.At("a║"), "1");
        cache.Add(fixture.At("b║"), "2");
        cache.Add(fixture.At("c║"), "3");
        Assert.Null(cache.Find(fixture.At("a║")));
        Assert.Equal("2", cache.Find(fixture.At("b║")));
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(cache.Find(fixture.At("b║")));
        cache.Add(fixture.At("d║"), "4");
        cache.Clear();
        Assert.Null(cache.Find(fixture.At("d║")));
    }

    private sealed class Clock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Advance(TimeSpan time) => ticks += time.Ticks;
    }
}
