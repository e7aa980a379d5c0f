using DiffusionLsp.Engine.Confidence;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>How much of a suggestion is shown, depending on confidence, and what happens to the rest.</summary>
public sealed class SuggestionGateTests
{
    private const string Text = "first + second";

    // Sure of "first", half sure of " +", unsure of " second".
    private static readonly SuggestionConfidence Falling = new([new(5, 0.9), new(7, 0.5), new(14, 0.2)], new ConfidenceThresholds(0.1, 0.4, 0.8));

    private readonly ScriptedEngine engine = new(Text);

    private SessionFixture Fixture(SuggestionMode mode, SuggestionConfidence? confidence = null)
    {
        engine.Confidence = confidence ?? Falling;
        var fixture = new SessionFixture(engine);
        fixture.Settings = fixture.Settings with { Suggestions = mode };
        return fixture;
    }

    [Theory]
    [InlineData(SuggestionMode.All, Text)]
    [InlineData(SuggestionMode.Eager, Text)]
    [InlineData(SuggestionMode.Balanced, "first")] // not with a dangling operator
    [InlineData(SuggestionMode.Quiet, "first")]
    internal async Task As_much_is_shown_as_the_setting_wants(SuggestionMode mode, string shown)
    {
        using SessionFixture fixture = Fixture(mode);
        Assert.Equal(shown, await fixture.TextAsync("x = ║"));
    }

    [Fact]
    public async Task What_is_too_unsure_is_not_shown_and_says_so()
    {
        using SessionFixture fixture = Fixture(SuggestionMode.Quiet, new SuggestionConfidence([new(14, 0.3)], Falling.Thresholds));
        Assert.Equal(NothingReason.Unsure, await fixture.ReasonAsync(fixture.At("x = ║")));
    }

    [Fact]
    public async Task Who_asks_by_hand_sees_all_of_it()
    {
        using SessionFixture fixture = Fixture(SuggestionMode.Quiet);
        Assert.Equal(Text, Assert.IsType<Suggestion>(await fixture.CompleteAsync(fixture.At("x = ║", CompletionTrigger.Invoked))).Text);
    }

    [Fact]
    public async Task What_was_cut_off_comes_when_typing_shows_that_it_was_right()
    {
        using SessionFixture fixture = Fixture(SuggestionMode.Balanced, new SuggestionConfidence([new(5, 0.9), new(7, 0.3), new(14, 0.27)], Falling.Thresholds));
        Assert.Equal("first", await fixture.TextAsync("x = ║"));
        Assert.Equal(" second", await fixture.TextAsync("x = first +║")); // 0.27 of 0.3
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task What_was_seen_does_not_shrink_while_it_is_typed()
    {
        using SessionFixture fixture = Fixture(SuggestionMode.Balanced, new SuggestionConfidence([new(5, 0.3), new(7, 0.2), new(14, 0.01)], Falling.Thresholds));
        Assert.Equal(NothingReason.Unsure, await fixture.ReasonAsync(fixture.At("x = ║")));
        Assert.Equal(Text, Assert.IsType<Suggestion>(await fixture.CompleteAsync(fixture.At("x = ║", CompletionTrigger.Invoked))).Text);
        Assert.Equal(Text[1..], await fixture.TextAsync("x = f║"));
        Assert.Equal(Text[8..], await fixture.TextAsync("x = first + ║"));
        Assert.Single(engine.Requests);
    }

    [Fact]
    public async Task A_suggestion_is_not_remembered_for_other_ways_to_decode()
    {
        using SessionFixture fixture = Fixture(SuggestionMode.All);
        await fixture.TextAsync("x = ║");
        await fixture.TextAsync("x = ║");
        Assert.Single(engine.Requests);
        fixture.Settings = fixture.Settings with { Decode = new DecodeOptions { Decoder = "threshold" } };
        await fixture.TextAsync("x = ║");
        fixture.Settings = fixture.Settings with { PromptTokens = 256 };
        await fixture.TextAsync("x = ║");
        Assert.Equal(3, engine.Requests.Count);
    }

    [Fact]
    public void Text_that_the_rules_changed_is_judged_by_what_it_was_made_of()
    {
        Assert.Equal([new TokenConfidence(5, 0.9)], SuggestionGate.For("first", Text, Falling).Tokens); // cut
        Assert.Equal([new TokenConfidence(5, 0.9), new TokenConfidence(9, 0.2)], SuggestionGate.For("first + s", Text, Falling).Tokens.Where(t => t.End != 7));
        Assert.Equal([new TokenConfidence(5, 0.9), new TokenConfidence(8, 0.2)], SuggestionGate.For("first)))", Text, Falling).Tokens); // changed behind "first"
        Assert.Empty(SuggestionGate.For("first", Text, SuggestionConfidence.None).Tokens);
    }
}
