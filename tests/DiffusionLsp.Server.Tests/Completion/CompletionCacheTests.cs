using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>When a cached suggestion fits, and when it is evicted.</summary>
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
    public void Text_that_the_model_does_not_see_may_change()
    {
        string near = string.Concat(Enumerable.Repeat("0123456789abcdef\r\n", 1_500)) + "x = ", far = "\r\n" + new string('z', 10_000);
        cache.Add(fixture.At("old\r\n" + near + "║" + near + far), "foo");
        Assert.Equal("oo", cache.Find(fixture.At("new and longer\r\n" + near + "f║" + near + "other" + far))?.Rest);
        Assert.Null(cache.Find(fixture.At(near[20_000..] + "f║" + near + far)));
    }

    [Theory]
    [InlineData(10), InlineData(300), InlineData(900), InlineData(1_100), InlineData(5_000), InlineData(15_000)]
    public void What_the_model_saw_counts_however_far_above_or_below(int away)
    {
        foreach (string lineBreak in new[] { "\n", "\r\n" })
        {
            string between = string.Concat(Enumerable.Repeat($"filling = 1;{lineBreak}", away / 12 + 1));
            string Above(string name, string typed) => $"let {name} = 1;{lineBreak}{between}x = {typed}║;";
            cache.Add(fixture.At(Above("total", "")), "total + 1");
            Assert.Equal("otal + 1", cache.Find(fixture.At(Above("total", "t")))?.Rest);
            Assert.Null(cache.Find(fixture.At(Above("other", ""))));
            Assert.Null(cache.Find(fixture.At(Above("other", "t"))));
            Assert.Null(cache.Find(fixture.At(Above("tot", "t"))));
            if (away > 7_000) continue; // the model sees less of what follows
            string Below(string name, string typed) => $"y = {typed}║;{lineBreak}{between}let {name} = 1;";
            cache.Add(fixture.At(Below("total", "")), "total + 1");
            Assert.Equal("otal + 1", cache.Find(fixture.At(Below("total", "t")))?.Rest);
            Assert.Null(cache.Find(fixture.At(Below("other", "t"))));
        }
    }

    [Fact]
    public void So_do_other_files_the_path_and_the_language()
    {
        CompletionRequest asked = fixture.At("x = ║;") with { Related = [new("a", "let total = 1")], Path = "a.ts" };
        cache.Add(asked, "total");
        CompletionRequest typed = fixture.At("x = t║;") with { Related = [new("a", "let total = 1")], Path = "a.ts" };
        Assert.Equal("otal", cache.Find(typed)?.Rest);
        Assert.Null(cache.Find(typed with { Related = [new("a", "let other = 1")] }));
        Assert.Null(cache.Find(typed with { Related = [] }));
        Assert.Null(cache.Find(typed with { Path = "b.ts" }));
        Assert.Null(cache.Find(typed with { Document = new("file:///a.ts", "rust", 1, typed.Document.Text) }));
    }

    [Theory]
    [InlineData("get; set; ", "x { get; set;║}")]
    [InlineData("a\n\n  ", "x { a║}")]
    [InlineData("a \t", "x { a║}")]
    public void A_rest_of_blanks_is_nothing(string suggestion, string typed)
    {
        cache.Add(fixture.At("x { ║}"), suggestion);
        Assert.Null(cache.Find(fixture.At(typed)));
    }

    [Theory]
    [InlineData("f(║)", "a) + 1", 1, "f(a║)", ") + 1")]
    [InlineData("f(║)", "a) + 1", 1, "f(a)║)", null)] // typed beside what would be replaced
    [InlineData("f(\"║\")", "a\", b)", 2, "f(\"a║\")", "\", b)")]
    [InlineData("f(\"║\")", "a\", b)", 2, "f(\"a\"║\")", null)]
    public void A_rest_replaces_what_the_whole_did(string drawn, string suggestion, int replaced, string typed, string? rest)
    {
        cache.Add(fixture.At(drawn), suggestion, Completeness.Whole, replaced);
        Remembered? found = cache.Find(fixture.At(typed));
        Assert.Equal(rest, found?.Rest);
        Assert.Equal(rest is null ? null : replaced, found?.Replaced);
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
        cache.Add(fixture.At("y = ║;") with { Source = CompletionSource.Prefetch }, "foo(1)");
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
