using DiffusionLsp.Server.Completion;

namespace DiffusionLsp.Server.Tests.Completion;

/// <summary>Every reason has a sentence, except those that disappear within a keystroke.</summary>
public sealed class NothingSentencesTests
{
    public static TheoryData<string> Reasons => [.. Enum.GetNames<NothingReason>()];

    [Theory, MemberData(nameof(Reasons))]
    public void Each_reason_is_said_in_one_sentence(string name)
    {
        NothingReason reason = Enum.Parse<NothingReason>(name);
        using var fixture = new SessionFixture(new ScriptedEngine("x"));
        string? sentence = NothingSentences.Of(fixture.At("a = ║") with { Exclusion = "a is excluded." }, new Nothing(reason));
        if (reason is NothingReason.Superseded or NothingReason.DocumentChanged) Assert.Null(sentence);
        else Assert.Matches(@"^[A-Za-z][^\n]*\.$", sentence!);
    }
}
