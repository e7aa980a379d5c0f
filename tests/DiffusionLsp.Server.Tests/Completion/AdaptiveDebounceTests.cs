using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>What makes the wait longer and what makes it shorter, and its bounds.</summary>
public class AdaptiveDebounceTests
{
    private readonly ManualTime time = new();
    private readonly AdaptiveDebounce debounce;
    private readonly SessionFixture fixture = new(new ScriptedEngine("")) { Settings = new ServerSettings { DebounceMs = 75 } };

    public AdaptiveDebounceTests() => debounce = new AdaptiveDebounce(time);

    private double Delay(string drawn, CompletionTrigger trigger = CompletionTrigger.Automatic) => debounce.Delay(fixture.At(drawn, trigger)).TotalMilliseconds;

    private void Type(int keys, int gap)
    {
        for (int i = 0; i < keys; i++)
        {
            debounce.NoteRequest();
            time.Advance(TimeSpan.FromMilliseconds(gap));
        }
    }

    [Fact]
    public void Knowing_nothing_it_is_the_setting()
    {
        Assert.Equal(75, Delay("a = ║"));
        Assert.Equal(0, Delay("a = ║", CompletionTrigger.Invoked));
    }

    [Fact]
    public void Steady_typing_is_waited_out_longer_inside_words()
    {
        Type(10, 150);
        Assert.Equal(150, Delay("a = ║"), 3);
        Assert.Equal(180, Delay("a = fo║"), 3);
        debounce.NoteDecode(50);
        Assert.Equal(100, Delay("a = ║"), 3);
    }

    [Fact]
    public void Where_decoding_costs_little_nothing_is_waited_out()
    {
        Type(10, 150);
        debounce.NoteDecode(29);
        Assert.Equal(75, Delay("a = fo║"));
        for (int i = 0; i < 3; i++) debounce.NoteOutcome(SuggestionOutcome.Dismissed);
        Assert.Equal(225, Delay("a = fo║"));
        debounce.NoteDecode(33); // 31 on average: more than a fifth of the gap
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(149, Delay("a = fo║"), 0);
    }

    [Fact]
    public void Pauses_are_not_typing()
    {
        Type(5, 900);
        Assert.Equal(75, Delay("a = ║"));
    }

    [Fact]
    public void Who_passes_suggestions_by_waits_longer_and_it_fades()
    {
        Type(10, 100);
        for (int i = 0; i < 10; i++) debounce.NoteOutcome(SuggestionOutcome.Dismissed);
        Assert.Equal(225, Delay("a = ║")); // three times the setting is the most
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(100, Delay("a = ║"), 0);
        for (int i = 0; i < 10; i++) debounce.NoteOutcome(SuggestionOutcome.Accepted);
        Assert.Equal(75, Delay("a = ║"));
    }

    [Fact]
    public void Fixed_is_fixed_and_none_is_none()
    {
        Type(10, 150);
        fixture.Settings = new ServerSettings { DebounceMs = 75, Debounce = DebounceMode.Fixed };
        Assert.Equal(75, Delay("a = ║"));
        fixture.Settings = new ServerSettings { DebounceMs = 0 };
        Assert.Equal(0, Delay("a = ║"));
    }
}
