using DiffusionLsp.Engine;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Requests that join the previous one's decode, and prefetches.</summary>
public class InFlightTests
{
    private readonly TaskCompletionSource release = new();

    [Fact]
    public async Task A_request_that_types_along_joins_the_decode_under_way()
    {
        var engine = new ScriptedEngine("value.length;") { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        Task<CompletionOutcome> first = fixture.CompleteAsync(fixture.At("n = ║\nfoo();"));
        await engine.ArrivalAsync();
        Task<CompletionOutcome> second = fixture.CompleteAsync(fixture.At("n = va║\nfoo();"));
        Task<CompletionOutcome> third = fixture.CompleteAsync(fixture.At("n = val║\nfoo();"));
        Assert.Equal(NothingReason.Superseded, Assert.IsType<Nothing>(await first).Reason);
        Assert.Equal(NothingReason.Superseded, Assert.IsType<Nothing>(await second).Reason);
        release.SetResult();
        var suggestion = Assert.IsType<Suggestion>(await third);
        Assert.Equal(("ue.length;", CompletionPath.InFlight), (suggestion.Text, suggestion.Path));
        Assert.Equal((1, 0), (engine.Requests.Count, engine.Cancelled));
    }

    [Fact]
    public async Task As_soon_as_the_decode_says_something_else_it_is_given_up()
    {
        var engine = new ScriptedEngine(request => request.Prefix.EndsWith("x") ? "yz;" : "value;") { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        Task<CompletionOutcome> first = fixture.CompleteAsync(fixture.At("n = ║"));
        await engine.ArrivalAsync();
        Task<CompletionOutcome> second = fixture.CompleteAsync(fixture.At("n = x║"));
        await first;
        Assert.Equal(0, engine.Cancelled); // nothing is written yet that would say otherwise
        engine.Requests[0].Progress!("va");
        await engine.ArrivalAsync(); // the second's own
        await engine.CancellationAsync();
        release.SetResult();
        var suggestion = Assert.IsType<Suggestion>(await second);
        Assert.Equal(("yz;", CompletionPath.Decode), (suggestion.Text, suggestion.Path));
    }

    [Fact]
    public async Task A_decode_that_already_says_something_else_is_not_joined()
    {
        var engine = new ScriptedEngine("x") { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        Task<CompletionOutcome> first = fixture.CompleteAsync(fixture.At("n = ║"));
        await engine.ArrivalAsync();
        engine.Requests[0].Progress!("va");
        Task<CompletionOutcome> second = fixture.CompleteAsync(fixture.At("n = w║"));
        await engine.ArrivalAsync(); // the second's own
        await engine.CancellationAsync(); // the first's, whom nobody joined
        release.SetResult();
        Assert.Equal(NothingReason.Superseded, Assert.IsType<Nothing>(await first).Reason);
        Assert.Equal(CompletionPath.Decode, (await second).Path);
        Assert.Equal((2, 1), (engine.Requests.Count, engine.Cancelled));
    }

    [Fact]
    public async Task A_request_whose_prompt_holds_other_text_of_other_files_decodes_anew()
    {
        var engine = new ScriptedEngine(request => request.Related is [var related] && related.Text.Contains("new") ? "fresh;" : "stale;") { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        Task<CompletionOutcome> first = fixture.CompleteAsync(fixture.At("n = ║") with { Related = [new("a.ts", "// old")] });
        await engine.ArrivalAsync();
        Task<CompletionOutcome> second = fixture.CompleteAsync(fixture.At("n = ║") with { Related = [new("a.ts", "// new")] });
        await engine.ArrivalAsync();
        await engine.CancellationAsync();
        release.SetResult();
        await first;
        var suggestion = Assert.IsType<Suggestion>(await second);
        Assert.Equal(("fresh;", CompletionPath.Decode), (suggestion.Text, suggestion.Path));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("a")]
    public async Task A_decode_whose_text_is_all_typed_is_followed_by_another(string written)
    {
        var engine = new ScriptedEngine(request => request.Prefix.EndsWith("ab") ? "c" : written) { Hold = release.Task };
        using var fixture = new SessionFixture(engine);
        Task<CompletionOutcome> first = fixture.CompleteAsync(fixture.At("n = ║"));
        await engine.ArrivalAsync();
        Task<CompletionOutcome> second = fixture.CompleteAsync(fixture.At("n = ab║"));
        await first;
        release.SetResult();
        Assert.Equal("c", Assert.IsType<Suggestion>(await second).Text);
        Assert.Equal(2, engine.Requests.Count);
    }

    [Fact]
    public async Task What_follows_a_shown_suggestion_is_decoded_ahead()
    {
        var time = new ManualTime();
        var engine = new ScriptedEngine(request => request.Prefix.EndsWith("a();") ? "\n  b();" : "a();");
        using var fixture = new SessionFixture(engine, time) { Settings = new ServerSettings { DebounceMs = 0 } };
        Assert.Equal("a();", await fixture.TextAsync("f() {\r\n  ║\r\n}"));
        await engine.ArrivalAsync();
        await time.ArmedAsync(1);
        time.Advance(TimeSpan.FromSeconds(1));
        await engine.ArrivalAsync();
        Assert.Equal(("f() {\n  a();", "\n}"), (engine.Requests[1].Prefix, engine.Requests[1].Suffix));
        var accepted = Assert.IsType<Suggestion>(await fixture.CompleteAsync(fixture.At("f() {\r\n  a();║\r\n}")));
        Assert.Equal("\n  b();", accepted.Text);
        Assert.Contains(accepted.Path, new[] { CompletionPath.Speculation, CompletionPath.InFlight }); // remembered by now, or still under way
        Assert.Equal(2, engine.Requests.Count);
    }

    [Fact]
    public async Task A_persons_request_ends_what_is_decoded_ahead()
    {
        var time = new ManualTime();
        var engine = new ScriptedEngine("a();");
        using var fixture = new SessionFixture(engine, time) { Settings = new ServerSettings { DebounceMs = 0 } };
        await fixture.TextAsync("f() {\n  ║\n}");
        await engine.ArrivalAsync();
        engine.Hold = release.Task;
        await time.ArmedAsync(1);
        time.Advance(TimeSpan.FromSeconds(1));
        await engine.ArrivalAsync();
        Task<CompletionOutcome> other = fixture.CompleteAsync(fixture.At("f() {\n  x║\n}"));
        await engine.ArrivalAsync();
        await engine.CancellationAsync();
        release.SetResult();
        Assert.IsType<Suggestion>(await other);
    }

    [Theory]
    [InlineData("f(║)\r\nend", "a) + b", 1, "f(a) + b║\r\nend", false)]
    [InlineData("f(║);\nend", "a).b(\nc)", 1, "f(a).b(\nc)║;\nend", null)]
    [InlineData("f(║)", "a", 0, "f(a║)", null)]
    public void As_if_accepted_is_with_the_suggestion_in_the_place_of_what_it_replaces(string drawn, string text, int replaced, string after, bool? singleLine)
    {
        using var fixture = new SessionFixture(new ScriptedEngine(""));
        CompletionRequest ahead = Prefetch.AsIfAccepted(fixture.At(drawn), new Suggestion(text, null) { Replaced = replaced });
        Assert.Equal(after, Cursor.Draw(ahead.Document.Text, ahead.Offset));
        Assert.Equal(singleLine, ahead.SingleLine);
    }

    [Fact]
    public async Task Prefetch_can_be_switched_off()
    {
        var time = new ManualTime();
        using var fixture = new SessionFixture(new ScriptedEngine("a();"), time) { Settings = new ServerSettings { DebounceMs = 0, Prefetch = false } };
        await fixture.TextAsync("f() {\n  ║\n}");
        Assert.Equal(0, time.Armed);
    }

    [Theory]
    [InlineData("return value + oth", StopReason.Budget, "return value +")]
    [InlineData("retu", StopReason.Budget, "retu")]
    [InlineData("a();\n  b(", StopReason.Budget, "a();")]
    [InlineData("\n  b();\n  c", StopReason.Budget, "\n  b();")]
    [InlineData("return value + oth", StopReason.Length, "return value + oth")]
    public void The_best_so_far_ends_with_a_line_or_a_word(string written, StopReason reason, string shown)
    {
        var result = new InfillResult { Completion = written, StopReason = reason, Forwards = 1, Tokens = 1, PromptTokens = 1, CachedPromptTokens = 0, Timings = default };
        Assert.Equal(shown, BestSoFar.Of(result));
    }

    [Fact]
    public async Task What_the_rules_will_cut_off_is_not_decoded()
    {
        var engine = new ScriptedEngine("a();");
        using var fixture = new SessionFixture(engine);
        await fixture.CompleteAsync(fixture.At("f() {\n  ║\n}"));
        Func<string, bool> isEnough = engine.Requests[0].Progress!;
        foreach (string going in new[] { "a();", "a();\n  b();\n", "a();\n\n", "a();\n}", "\n\n" }) Assert.False(isEnough(going), going);
        foreach (string over in new[] { "a();\n}\n", "a();\n}\ng() {", "a();\n  b();\n}\n" }) Assert.True(isEnough(over), over);
        await fixture.CompleteAsync(fixture.At("x = ║"));
        Assert.False(engine.Requests[1].Progress!("a();\n}\n"));
    }

    [Fact]
    public async Task Only_automatic_requests_have_a_budget()
    {
        var engine = new ScriptedEngine("x");
        using var fixture = new SessionFixture(engine) { Settings = new ServerSettings { DebounceMs = 0, LatencyBudgetMs = 300 } };
        await fixture.CompleteAsync(fixture.At("a = ║"));
        await fixture.CompleteAsync(fixture.At("b = ║", CompletionTrigger.Invoked));
        Assert.Equal([TimeSpan.FromMilliseconds(300), null], engine.Requests.Select(r => r.Budget));
    }
}
