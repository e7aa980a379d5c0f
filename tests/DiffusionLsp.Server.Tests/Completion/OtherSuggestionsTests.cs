using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Alternatives to a suggestion: only on explicit request, distinct, and cancelled like everything else.</summary>
public class OtherSuggestionsTests
{
    private static async Task<string> TextsAsync(SessionFixture fixture, CompletionRequest request)
    {
        var suggestion = Assert.IsType<Suggestion>(await fixture.CompleteAsync(request));
        return string.Join(' ', suggestion.Others.Prepend(suggestion).Select(s => s.Text));
    }

    private static CompletionRequest ByHand(CompletionRequest request) => request with { Trigger = CompletionTrigger.Invoked };

    [Fact]
    public async Task Asked_by_hand_where_one_was_offered_there_are_up_to_three()
    {
        var engine = new ScriptedEngine("one;") { Drawn = seed => $"other{seed};" };
        using var fixture = new SessionFixture(engine);
        CompletionRequest request = fixture.At("n = ║");
        Assert.Equal("one;", await TextsAsync(fixture, request));
        Assert.Equal("one;", await TextsAsync(fixture, request));
        Assert.Equal("one; other1; other2;", await TextsAsync(fixture, ByHand(request)));
        Assert.Equal("one; other1; other2;", await TextsAsync(fixture, ByHand(request))); // the same again
        Assert.Equal("one;", await TextsAsync(fixture, request));
        Assert.All(engine.Options.Skip(1), options => Assert.True(options.Temperature > 0));
    }

    [Fact]
    public async Task The_first_that_is_asked_for_by_hand_waits_for_no_other()
    {
        var engine = new ScriptedEngine("one;") { Drawn = seed => $"other{seed};" };
        using var fixture = new SessionFixture(engine);
        Assert.Equal("one;", await TextsAsync(fixture, ByHand(fixture.At("n = ║"))));
        Assert.Equal("one;", await TextsAsync(fixture, ByHand(fixture.At("n = ║ ")))); // another text
        Assert.Equal(0, engine.Options[^1].Temperature);
    }

    [Fact]
    public async Task What_says_the_same_or_nothing_is_no_other()
    {
        string[] drawn = ["one;", " one ;", "one; two;", "on", "", "two;", "two;", ""];
        var engine = new ScriptedEngine("one;") { Drawn = seed => drawn[seed - 1] };
        using var fixture = new SessionFixture(engine);
        CompletionRequest request = fixture.At("n = ║");
        await fixture.CompleteAsync(request);
        Assert.Equal("one; two;", await TextsAsync(fixture, ByHand(request)));
        Assert.Equal(9, engine.Requests.Count);
    }

    [Fact]
    public async Task Typing_along_with_another_goes_on_with_it()
    {
        var engine = new ScriptedEngine("one;") { Drawn = seed => $"other{seed};" };
        using var fixture = new SessionFixture(engine);
        CompletionRequest request = fixture.At("n = ║");
        await fixture.CompleteAsync(request);
        await fixture.CompleteAsync(ByHand(request));
        Assert.Equal("ne;", await TextsAsync(fixture, fixture.At("n = o║")));
        var rest = Assert.IsType<Suggestion>(await fixture.CompleteAsync(fixture.At("n = ot║")));
        Assert.Equal(("her1;", CompletionPath.TypeThrough), (rest.Text, rest.Path));
    }

    [Fact]
    public async Task A_newer_request_or_a_cancelled_one_stops_the_search()
    {
        var engine = new ScriptedEngine("one;") { Drawn = seed => $"other{seed};" };
        using var fixture = new SessionFixture(engine);
        CompletionRequest request = fixture.At("n = ║");
        await fixture.CompleteAsync(request);
        await engine.ArrivalAsync();
        engine.Hold = new TaskCompletionSource().Task;

        Task<CompletionOutcome> older = fixture.CompleteAsync(ByHand(request));
        await engine.ArrivalAsync();
        Assert.Equal("one;", await TextsAsync(fixture, request));
        Assert.Equal(NothingReason.Superseded, Assert.IsType<Nothing>(await older).Reason);
        await engine.CancellationAsync();

        using var cancellation = new CancellationTokenSource();
        Task<CompletionOutcome> cancelled = fixture.CompleteAsync(ByHand(request), cancellation.Token);
        await engine.ArrivalAsync();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await engine.CancellationAsync();
        Assert.Equal(3, engine.Requests.Count);
    }
}
