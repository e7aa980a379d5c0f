using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Decoding.Drafts;

/// <summary>What the last completions and the text around a hole suggest for it.</summary>
public sealed class TextLookupTests
{
    private static readonly CodeTokenizer Tokenizer = CodeTokenizer.Load(EmbeddedModel.Folder!);

    [Theory]
    [InlineData("let x = ", "value + 1;")] // asked again
    [InlineData("let x = val", "ue + 1;")] // type-through, into the middle of a word
    [InlineData("let x", " = value + 1;")] // backspaced
    [InlineData("let x = value + 1;", "")] // typed to its end
    [InlineData("let y = x = val", "ue + 1;")] // the same words elsewhere
    public void The_rest_of_the_last_completion_is_expected(string prefix, string rest)
    {
        foreach (bool ended in new[] { true, false })
        {
            InitialDraft draft = Remembering(("let x = ", "value + 1;", ended)).Draft(Request(prefix));
            Assert.Equal(rest, Text(draft));
            Assert.Equal(ended, draft.Tokens is [.., var last] && last == Tokenizer.Special.EndOfText);
        }
    }

    [Theory]
    [InlineData("let x = va", "va", "value + 1;")] // asked again with the same token healed
    [InlineData("let x = val", "val", "value + 1;")] // type-through: another token is healed
    [InlineData("let x =", "=", "= value + 1;")]
    [InlineData("let x = value + 1;", ";", ";")]
    public void What_is_healed_is_expected_too(string prefix, string healed, string rest)
    {
        foreach (bool ended in new[] { true, false })
        {
            var lookup = new TextLookup(Tokenizer);
            int[] written = Tokenizer.Encode("value + 1;");
            lookup.Remember(Request("let x = va"), ended ? [.. written, Tokenizer.Special.EndOfText] : written, "va");
            InitialDraft draft = lookup.Draft(Request(prefix), healed);
            Assert.Equal(rest, Text(draft));
            Assert.Equal(ended, draft.Tokens is [.., var last] && last == Tokenizer.Special.EndOfText);
            Assert.Equal("lue + 1;", Text(lookup.Draft(Request("let x = va"))));
        }
    }

    [Fact]
    public void Both_completions_are_known_between_which_a_model_wavers()
    {
        TextLookup lookup = Remembering(("for (", "int i = 0;", false), ("for (i", "ndex = 1;", false));
        Assert.Equal(" i = 0;", Text(lookup.Draft(Request("for (int"))));
        Assert.Equal(" = 1;", Text(lookup.Draft(Request("for (index"))));
    }

    [Fact]
    public void The_longest_match_decides_then_the_latest_completion_then_the_text_around_the_hole()
    {
        InfillRequest request = Request("total = 1;\nprint(total") with { Suffix = "\nprint(total, end);" };
        Assert.Equal(", end);", Text(new TextLookup(Tokenizer).Draft(request)));
        Assert.Equal(" = 1;\nprint(total", Text(new TextLookup(Tokenizer).Draft(request with { Suffix = "" })));
        TextLookup lookup = Remembering(("rint(", "total, 1)", false), ("rint(", "total, 2)", false));
        Assert.Equal(", end);", Text(lookup.Draft(request)));
        Assert.Equal(", 2)", Text(lookup.Draft(request with { Suffix = "" })));
    }

    [Theory]
    [InlineData("")]
    [InlineData("= ")]
    [InlineData("let x = w")]
    [InlineData("let x = value + 1; //")]
    public void Elsewhere_nothing_is_expected(string prefix) => Assert.Empty(Remembering(("let x = ", "value + 1;", true)).Draft(Request(prefix)).Tokens);

    [Fact]
    public void Forgetting_and_much_text_do_no_harm()
    {
        TextLookup lookup = Remembering([.. Enumerable.Range(0, 100).Select(i => ($"#{i:000}#", string.Concat(Enumerable.Repeat("\ud83d\ude00", 200)), false))]);
        Assert.Empty(lookup.Draft(Request("#083#")).Tokens);
        InitialDraft draft = lookup.Draft(Request("#099#"));
        Assert.All(Text(draft), c => Assert.True(char.IsSurrogate(c)));
        Assert.DoesNotContain('\ufffd', Text(draft));
        lookup.Forget();
        Assert.Empty(lookup.Draft(Request("#099#")).Tokens);
    }

    private static string Text(InitialDraft draft) => Tokenizer.Decode([.. draft.Tokens]);

    private static InfillRequest Request(string prefix) => new() { Prefix = prefix, Path = "a.ts" };

    private static TextLookup Remembering(params (string Prefix, string Text, bool Ended)[] completions)
    {
        var lookup = new TextLookup(Tokenizer);
        foreach ((string prefix, string text, bool ended) in completions)
        {
            int[] ids = Tokenizer.Encode(text);
            lookup.Remember(Request(prefix), ended ? [.. ids, Tokenizer.Special.EndOfText] : ids);
        }
        return lookup;
    }
}
