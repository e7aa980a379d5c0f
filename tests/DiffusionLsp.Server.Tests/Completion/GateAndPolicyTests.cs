using System.Collections.Immutable;
using DiffusionLsp.Server.Completion;
using DiffusionLsp.Server.Settings;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>What settings and text forbid, and where several lines are requested.</summary>
public class GateAndPolicyTests
{
    private static CompletionRequest At(string drawn, ServerSettings settings, CompletionTrigger trigger = CompletionTrigger.Automatic)
    {
        using var fixture = new SessionFixture(new ScriptedEngine("")) { Settings = settings };
        return fixture.At(drawn, trigger);
    }

    [Fact]
    public void Settings_close_the_gate()
    {
        Assert.Equal(NothingReason.Disabled, CompletionGate.Check(At("║", new ServerSettings { Enabled = false }, CompletionTrigger.Invoked)));
        Assert.Equal(NothingReason.ManualOnly, CompletionGate.Check(At("║", new ServerSettings { Trigger = TriggerMode.Manual })));
        Assert.Null(CompletionGate.Check(At("║", new ServerSettings { Trigger = TriggerMode.Manual }, CompletionTrigger.Invoked)));
        Assert.Equal(NothingReason.FileTooLarge, CompletionGate.Check(At(new string('x', 1001) + "║", new ServerSettings { MaxFileKilobytes = 1 })));
    }

    [Theory]
    [InlineData("typescript", false, NothingReason.LanguageDisabled)]
    [InlineData("*", false, NothingReason.LanguageDisabled)]
    [InlineData("python", false, null)]
    public void Languages_are_switched_by_name(string language, bool on, object? expected)
    {
        var switches = new LanguageSwitches(ImmutableDictionary<string, bool>.Empty.Add(language, on));
        Assert.Equal(expected, CompletionGate.Check(At("║", new ServerSettings { Languages = switches })) as object);
    }

    [Theory]
    [InlineData("fo║o", NothingReason.InsideWord)]
    [InlineData("foo║", null)]
    [InlineData("║foo", null)]
    [InlineData("foo(║)", null)]
    public void Inside_a_word_nobody_wants_ghost_text(string drawn, object? expected) =>
        Assert.Equal(expected, CompletionGate.Check(At(drawn, new ServerSettings { MidLine = Tristate.Always })) as object);

    [Fact]
    public void Behind_half_a_character_comes_its_other_half()
    {
        Assert.Equal(NothingReason.InsideWord, CompletionGate.Check(At("a = '\ud83d║'", new ServerSettings(), CompletionTrigger.Invoked)));
        Assert.Null(CompletionGate.Check(At("a = '🙂║'", new ServerSettings())));
    }

    [Theory]
    [InlineData("f(║)", true)]
    [InlineData("f('║');", true)]
    [InlineData("[a, ║], ", true)]
    [InlineData("if (║) {", true)]
    [InlineData("x: ║  \r\nnext", true)]
    [InlineData("║ foo", false)]
    [InlineData("f(║, b)", false)]
    [InlineData("║// words", false)]
    public void In_the_middle_of_a_line_only_what_editors_close_may_follow(string drawn, bool open)
    {
        Assert.Equal(open ? null : NothingReason.MidLine, CompletionGate.Check(At(drawn, new ServerSettings())));
        Assert.Null(CompletionGate.Check(At(drawn, new ServerSettings(), CompletionTrigger.Invoked)));
        Assert.Null(CompletionGate.Check(At(drawn, new ServerSettings { MidLine = Tristate.Always })));
    }

    [Theory]
    [InlineData(" ", "x")]
    [InlineData("\t \u00A0", "x")]
    [InlineData(")", "x")]
    [InlineData("\"'`", "x")]
    [InlineData(" ", "")]
    [InlineData(" ", ";")]
    [InlineData(" ", "; ; ;")]
    [InlineData(" )", ";")]
    public async Task A_long_rest_of_the_line_takes_no_time(string piece, string end)
    {
        string drawn = "f(║" + string.Concat(Enumerable.Repeat(piece, 400_000 / piece.Length)) + end + new string(' ', 100_000) + "y";
        await Task.Run(() => CompletionGate.Check(At(drawn, new ServerSettings()))).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Never_in_the_middle_of_a_line_means_at_line_ends_only()
    {
        var never = new ServerSettings { MidLine = Tristate.Never };
        Assert.Equal(NothingReason.MidLine, CompletionGate.Check(At("f(║)", never)));
        Assert.Null(CompletionGate.Check(At("f(║ \n)", never)));
    }

    [Theory]
    [InlineData("  ║", false)]
    [InlineData("║\nfoo", false)]
    [InlineData("  ║  \n", false)]
    [InlineData("let x = ║", true)]
    [InlineData("foo(║)", true)]
    [InlineData("if (x) {║", false)]
    [InlineData("def f():║", false)]
    [InlineData("def f():  ║", false)]
    [InlineData("  ║}", true)]
    public void One_line_or_several(string drawn, bool single)
    {
        Assert.Equal(single, LinePolicy.IsSingleLine(At(drawn, new ServerSettings())));
        Assert.True(LinePolicy.IsSingleLine(At(drawn, new ServerSettings { Multiline = Tristate.Never })));
        Assert.False(LinePolicy.IsSingleLine(At(drawn, new ServerSettings()) with { SingleLine = false }));
    }

    [Fact]
    public void Always_means_where_nothing_follows_on_the_line()
    {
        var always = new ServerSettings { Multiline = Tristate.Always };
        Assert.False(LinePolicy.IsSingleLine(At("let x = ║\n", always)));
        Assert.True(LinePolicy.IsSingleLine(At("foo(║)", always)));
    }
}
