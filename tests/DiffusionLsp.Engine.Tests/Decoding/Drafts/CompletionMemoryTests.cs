using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Decoding.Drafts;

/// <summary>What the last completion says about the next one.</summary>
public sealed class CompletionMemoryTests
{
    private static readonly CodeTokenizer Tokenizer = CodeTokenizer.Load(EmbeddedModel.Folder!);

    [Theory]
    [InlineData("let x = ", "value + 1;")] // asked again
    [InlineData("let x = val", "ue + 1;")] // typed along, into the middle of a word
    [InlineData("let x", " = value + 1;")] // taken back
    [InlineData("let x = value + 1;", "")] // typed to its end
    public void The_rest_of_it_is_expected(string prefix, string rest)
    {
        foreach (bool ended in new[] { true, false })
        {
            int[] guess = Remembering("let x = ", "value + 1;", ended).Guess(Request(prefix));
            Assert.Equal(rest, Tokenizer.Decode(guess));
            Assert.Equal(ended, guess is [.., var last] && last == Tokenizer.Special.EndOfText);
        }
    }

    [Theory]
    [InlineData("let y = ", "\n", "a.ts")] // another place
    [InlineData("let x = w", "\n", "a.ts")] // typed something else
    [InlineData("let x = value + 1; //", "\n", "a.ts")] // typed past it
    [InlineData("let x = ", "\n}", "a.ts")]
    [InlineData("let x = ", "\n", "b.ts")]
    public void Elsewhere_nothing_is_expected(string prefix, string suffix, string path) =>
        Assert.Empty(Remembering("let x = ", "value + 1;", false).Guess(Request(prefix) with { Suffix = suffix, Path = path }));

    [Fact]
    public void Nothing_is_expected_before_the_first_completion_or_after_forgetting()
    {
        Assert.Empty(new CompletionMemory(Tokenizer).Guess(Request("let x = ")));
        CompletionMemory memory = Remembering("let x = ", "value", true);
        memory.Forget();
        Assert.Empty(memory.Guess(Request("let x = ")));
    }

    private static InfillRequest Request(string prefix) => new() { Prefix = prefix, Suffix = "\n", Path = "a.ts" };

    private static CompletionMemory Remembering(string prefix, string text, bool ended)
    {
        var memory = new CompletionMemory(Tokenizer);
        int[] ids = Tokenizer.Encode(text);
        memory.Remember(Request(prefix), ended ? [.. ids, Tokenizer.Special.EndOfText] : ids);
        return memory;
    }
}
