using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Documents;
using DiffusionLsp.Server.Metrics;
using DiffusionLsp.Server.Telemetry;
using DiffusionLsp.Server.Tests.Completion;

namespace DiffusionLsp.Server.Tests.Metrics;

/// <summary>Outcomes inferred from the text: shown, accepted, partially accepted, typed, dismissed.</summary>
public class SuggestionTrackerTests
{
    private readonly ManualTime time = new();
    private readonly SessionFixture fixture = new(new ScriptedEngine(""));
    private readonly SuggestionTracker tracker;
    private readonly List<string> seen = [];

    public SuggestionTrackerTests()
    {
        Listeners listeners = fixture.Listeners;
        tracker = new SuggestionTracker(listeners, time);
        listeners.On<SuggestionShown>(_ => seen.Add("shown"));
        listeners.On<SuggestionTyped>(_ => seen.Add("typed"));
        listeners.On<SuggestionEnded>(ended => seen.Add($"{ended.Outcome} {ended.Characters}"));
        listeners.On<DocumentChange>(tracker.Changed);
    }

    private void Offer(string drawn, string text, int number = 1) => tracker.Offered(fixture.At(drawn), new Suggestion(text, null) { Number = number });

    private void Edit(string text, int afterMilliseconds = 1000)
    {
        time.Advance(TimeSpan.FromMilliseconds(afterMilliseconds));
        TextDocument document = fixture.Documents.Find("file:///a.ts")!;
        fixture.Documents.Change(document.Uri, document.Version + 1, [new TextChange(null, text)]);
    }

    [Fact]
    public void All_of_it_in_one_edit_is_accepted()
    {
        Offer("a = ║;", "foo(1)");
        Edit("a = foo(1);", afterMilliseconds: 0);
        Assert.Equal(["shown", "Accepted 6"], seen);
    }

    [Theory]
    [InlineData("f(║)\r\nend", "a) + b", 1, "f(a) + b\r\nend", "Accepted 6")]
    [InlineData("f(\"║\");", "a\", b);", 3, "f(\"a\", b);", "Accepted 7")]
    [InlineData("f(║)", "a) + b", 1, "f(x)", "Dismissed 0")]
    public void One_that_replaces_closers_is_accepted_in_their_place(string drawn, string text, int replaced, string after, string outcome)
    {
        tracker.Offered(fixture.At(drawn), new Suggestion(text, null) { Number = 1, Replaced = replaced });
        Edit(after);
        Assert.Equal(["shown", outcome], seen);
    }

    [Theory]
    [InlineData("f(bar)", "Accepted 3")]
    [InlineData("f(baz) + c", "Accepted 8")]
    [InlineData("f(ba)", "Dismissed 0")]
    public void Another_that_was_offered_beside_it_is_accepted(string after, string outcome)
    {
        tracker.Offered(fixture.At("f(║)"), new Suggestion("foo", null));
        tracker.Offered(fixture.At("f(║)"), new Suggestion("foo", null) { Others = [new Suggestion("bar", null), new Suggestion("baz) + c", null) { Replaced = 1 }] });
        Edit(after);
        Assert.Equal(["shown", outcome], seen);
    }

    [Fact]
    public void Accepted_with_what_the_editor_formats_and_with_its_line_breaks()
    {
        Offer("{\r\n  ║\r\n}", "a();\n  b();");
        Edit("{\r\n  a();\r\n  b();\r\n\r\n}");
        Assert.Equal(["shown", "Accepted 11"], seen);
    }

    [Fact]
    public void A_word_of_it_is_accepted_in_part_and_the_rest_goes_on()
    {
        Offer("a = ║", "first + second");
        Edit("a = first ");
        Offer("a = first ║", "+ second"); // the rest, by type-through
        Edit("a = first + second");
        Assert.Equal(["shown", "PartiallyAccepted 6", "Accepted 8"], seen);
    }

    [Fact]
    public void Typed_key_by_key_is_not_accepted()
    {
        Offer("a = ║", "foo");
        foreach (string text in new[] { "a = f", "a = fo", "a = foo" }) Edit(text);
        Assert.Equal(["shown", "typed"], seen);
    }

    [Fact]
    public void Anything_else_passes_it_by_if_it_was_there_long_enough_to_be_seen()
    {
        Offer("a = ║", "foo");
        Edit("a = b", afterMilliseconds: 100);
        Assert.Empty(seen);
        Offer("a = b║", "ar");
        Edit("a = bx", afterMilliseconds: 300);
        Assert.Equal(["shown", "Dismissed 0"], seen);
    }

    [Fact]
    public void An_edit_elsewhere_and_another_suggestion_pass_it_by()
    {
        Offer("a = ║", "foo");
        Edit("b = ");
        Offer("b = ║", "bar");
        time.Advance(TimeSpan.FromSeconds(1));
        Offer("b = ║", "other");
        Assert.Equal(["shown", "Dismissed 0", "shown", "Dismissed 0"], seen);
    }

    [Fact]
    public void The_client_may_say_so_and_it_counts_once()
    {
        Offer("a = ║", "foo", number: 7);
        tracker.Accepted(8);
        Assert.Empty(seen);
        tracker.Accepted(7);
        Edit("a = foo");
        tracker.Accepted(7);
        Assert.Equal(["shown", "Accepted 3"], seen);
    }

    [Fact]
    public void A_closed_document_is_forgotten()
    {
        Offer("a = ║", "foo");
        fixture.Documents.Close("file:///a.ts");
        tracker.Accepted(1);
        Assert.Empty(seen);
    }
}
