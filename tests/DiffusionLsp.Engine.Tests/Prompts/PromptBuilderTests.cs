using System.Diagnostics;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Tests.Prompts;

/// <summary>The prompt's budget and order, and that typing hardly shifts it.</summary>
public sealed class PromptBuilderTests
{
    private static readonly CodeTokenizer Tokenizer = TinyTokenizer.Load(); // nearly one token per character

    [Fact]
    public void The_order_is_path_suffix_prefix()
    {
        int[] prompt = new PromptBuilder(Tokenizer, 512).Build(new InfillRequest { Path = "a\\b/c/d.cs", Prefix = "before", Suffix = "after" });
        SpecialTokens special = Tokenizer.Special;
        Assert.Equal([special.File!.Value, .. Tokenizer.Encode("b/c/d.cs"), special.FimSuffix!.Value, .. Tokenizer.Encode("after"),
            special.FimPrefix!.Value, .. Tokenizer.Encode("before")], prompt);
    }

    [Fact]
    public void What_is_unknown_is_left_out()
    {
        SpecialTokens special = Tokenizer.Special;
        Assert.Equal([special.File!.Value, special.FimPrefix!.Value, .. Tokenizer.Encode("x")], new PromptBuilder(Tokenizer, 512).Build(new InfillRequest { Prefix = "x" }));
        Assert.Equal([special.File!.Value, special.FimPrefix!.Value], new PromptBuilder(Tokenizer, 512).Build(new InfillRequest { Prefix = "" }));
    }

    [Fact]
    public void The_fim_middle_token_says_where_the_hole_begins_and_is_no_text()
    {
        SpecialTokens special = Tokenizer.Special;
        var request = new InfillRequest { Path = "a.cs", Prefix = "before", Suffix = "\nafter", UsesFimMiddle = true };
        Prompt prompt = PromptStyles.FimMiddle.Build(new PromptBuilder(Tokenizer, 512), request);
        int[] unmarked = new PromptBuilder(Tokenizer, 512).Build(request);
        Assert.Equal([.. unmarked, special.FimMiddle!.Value], prompt.Before);
        Assert.Equal(unmarked, prompt.Text);
        Assert.Empty(prompt.After);
        foreach (InfillRequest goesOn in new[] { request with { UsesFimMiddle = false }, request with { SingleLine = true } })
        {
            Prompt plain = PromptStyles.FimMiddle.Build(new PromptBuilder(Tokenizer, 512), goesOn);
            Assert.Equal(unmarked, plain.Before);
            Assert.False(plain.EndsInFimMiddle);
            Assert.True(PromptStyles.AlwaysFimMiddle.Build(new PromptBuilder(Tokenizer, 512), goesOn).EndsInFimMiddle);
        }
        foreach (string behind in new[] { ")", " + after\n", ");\r\nafter" }) // nothing but the model can end a hole inside a line
            Assert.True(PromptStyles.FimMiddle.Build(new PromptBuilder(Tokenizer, 512), request with { Suffix = behind, UsesFimMiddle = false, SingleLine = true }).EndsInFimMiddle);
        foreach (string behind in new[] { "", "  ", " \r\nafter" })
            Assert.False(PromptStyles.FimMiddle.Build(new PromptBuilder(Tokenizer, 512), request with { Suffix = behind, UsesFimMiddle = false }).EndsInFimMiddle);
        Assert.InRange(PromptStyles.FimMiddle.Build(new PromptBuilder(Tokenizer, 64), request with { Prefix = string.Concat(Enumerable.Repeat("xy ", 5000)) }).Before.Length, 32, 64); // the budget holds the FIM middle token too
    }

    [Fact]
    public void Related_texts_stand_before_the_prefix_the_most_helpful_last()
    {
        SpecialTokens special = Tokenizer.Special;
        var request = new InfillRequest { Prefix = "before", Language = "python", Related = [new("b", "helpful"), new("c", new string('x', 400)), new("a", "less")], RelatedTokens = 40 };
        Assert.Equal([special.File!.Value, special.FimPrefix!.Value, .. Tokenizer.Encode("# a\nless\n\n"), .. Tokenizer.Encode("# b\nhelpful\n\n"), .. Tokenizer.Encode("before")],
            new PromptBuilder(Tokenizer, 512).Build(request));
        Assert.Equal(new PromptBuilder(Tokenizer, 512).Build(new InfillRequest { Prefix = "before" }), new PromptBuilder(Tokenizer, 512).Build(request with { RelatedTokens = 0 }));
        Assert.Equal(new PromptBuilder(Tokenizer, 512).Build(new InfillRequest { Prefix = "before" }), new PromptBuilder(Tokenizer, 512).Build(request with { Language = "json" })); // no comments, so no place for a path
    }

    [Fact]
    public void Models_that_were_trained_on_repositories_see_their_marks()
    {
        int file = Tokenizer.Special.File!.Value;
        var request = new InfillRequest { Prefix = "before", Path = "src/own.json", Language = "json", Repository = "shop", Related = [new("b.py", "helpful")], RelatedTokens = 60 };
        Assert.Equal([file, .. Tokenizer.Encode("b.py\nhelpful\n"), file, .. Tokenizer.Encode("src/own.json\n"), .. Tokenizer.Encode("before")],
            new PromptBuilder(Tokenizer, 512, marksFiles: true).Before(request, 400));
        Assert.Equal(Tokenizer.Encode("before"), new PromptBuilder(Tokenizer, 512, marksFiles: true).Before(request with { Related = [] }, 400));
    }

    [Fact]
    public void The_budget_is_never_exceeded()
    {
        var random = new Random(1);
        for (int round = 0; round < 400; round++)
        {
            int budget = 8 + random.Next(600);
            var request = new InfillRequest
            {
                Prefix = Text(random, random.Next(6000)), Suffix = Text(random, random.Next(2000)),
                Path = random.Next(3) == 0 ? null : string.Concat(Enumerable.Repeat("folder/", random.Next(9))) + new string('n', random.Next(60)) + ".cs",
                Related = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new RelatedText("b.cs", Text(random, random.Next(200))))], Language = "csharp", Repository = "r", RelatedTokens = random.Next(400),
            };
            int[] prompt = new PromptBuilder(Tokenizer, budget, marksFiles: round % 2 == 0).Build(request);
            Assert.InRange(prompt.Length, 1, budget);
        }
    }

    [Fact]
    public void The_text_next_to_the_hole_is_always_there()
    {
        var random = new Random(2);
        for (int round = 0; round < 200; round++)
        {
            string prefix = Text(random, 50 + random.Next(9000)), suffix = Text(random, 50 + random.Next(2000));
            int[] prompt = new PromptBuilder(Tokenizer, 512).Build(new InfillRequest { Prefix = prefix, Suffix = suffix, Path = "a.cs" });
            int before = Array.IndexOf(prompt, Tokenizer.Special.FimPrefix!.Value), after = Array.IndexOf(prompt, Tokenizer.Special.FimSuffix!.Value);
            Assert.EndsWith(Tokenizer.Decode(prompt.AsSpan(before + 1)), prefix);
            Assert.StartsWith(Tokenizer.Decode(prompt.AsSpan(after + 1, before - after - 1)), suffix);
            Assert.True(prompt.Length - before > Math.Min(120, prefix.Length / 4), "a good part of the prefix is kept");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(3000)]
    [InlineData(100_000)]
    public void Typing_keeps_the_beginning(int length)
    {
        var random = new Random(3);
        string before = Text(random, length), typed = Text(random, 200), suffix = Text(random, 900);
        RelatedText[] related = [new("b.cs", Text(random, 60)), new("c.cs", Text(random, 80))];
        var builder = new PromptBuilder(Tokenizer, 512);
        int[] last = builder.Build(new InfillRequest { Prefix = before, Suffix = suffix, Path = "a.cs", Language = "csharp", Related = related, RelatedTokens = 150 });
        int jumps = 0;
        for (int i = 1; i <= typed.Length; i++)
        {
            int[] prompt = builder.Build(new InfillRequest { Prefix = before + typed[..i], Suffix = suffix, Path = "a.cs", Language = "csharp", Related = related, RelatedTokens = 150 });
            if (prompt.AsSpan().CommonPrefixLength(last) < 0.9 * last.Length) jumps++;
            last = prompt;
        }
        Assert.InRange(jumps, 0, 4);
    }

    [Fact]
    public void A_huge_file_costs_no_more_than_a_large_one()
    {
        var builder = new PromptBuilder(Tokenizer, 512);
        string huge = Text(new Random(4), 100_000) is var page ? string.Concat(Enumerable.Repeat(page, 200)) : "";
        var request = new InfillRequest { Prefix = huge, Suffix = huge, Path = "a.cs" };
        builder.Build(request);
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 10; i++) builder.Build(request);
        Assert.InRange(clock.Elapsed.TotalMilliseconds / 10, 0, 100); // 40 MB of text: reading it all would take seconds
    }

    [Fact]
    public void A_line_without_end_is_cut_somewhere()
    {
        int[] prompt = new PromptBuilder(Tokenizer, 128).Build(new InfillRequest { Prefix = new string('x', 50_000), Suffix = new string('y', 50_000) });
        Assert.InRange(prompt.Length, 64, 128);
    }

    private static string Text(Random random, int length)
    {
        var text = new char[length];
        for (int i = 0; i < length; i++) text[i] = random.Next(25) == 0 ? '\n' : "abcdefgh  (){};="[random.Next(16)];
        return new string(text);
    }
}
