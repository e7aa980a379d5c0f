using System.Text;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Processors;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tests.Decoding;
using DiffusionLsp.Engine.Tests.Tokenization;
using DiffusionLsp.Engine.Tokenization;
using static TorchSharp.torch;

namespace DiffusionLsp.Engine.Tests.Prompts;

/// <summary>The partial token at the cursor is removed and regenerated, and nothing is written twice.</summary>
public sealed class TokenHealingTests
{
    private static readonly CodeTokenizer Tokenizer = TinyTokenizer.Load();
    private static readonly TokenHealing Healer = new(Tokenizer);

    [Theory]
    [InlineData("a in", "in", "in,int")]
    [InlineData("a re", "re", "re,ret")]
    [InlineData("a <", "<", "<,<|")]
    public void The_last_token_may_become_a_longer_one(string text, string required, string allowed)
    {
        Healing healing = Healer.Plan(text, Tokenizer.Encode(text))!;
        Assert.Equal(required, Encoding.UTF8.GetString(healing.Required));
        Assert.Equal(allowed.Split(','), healing.Allowed.Select(id => Encoding.UTF8.GetString(Tokenizer.BytesOf(id))));
    }

    [Theory]
    [InlineData("a ret")] // begins no longer token
    [InlineData("a\n ")] // the token ends a line
    [InlineData("a\ud83d\ude00")] // the token begins inside a character
    [InlineData("a")] // nothing would stay
    [InlineData("")]
    public void Or_stays(string text) => Assert.Null(Healer.Plan(text, Tokenizer.Encode(text)));

    [Fact]
    public void Another_file_s_text_stays() => Assert.Null(Healer.Plan("", Tokenizer.Encode("a re")));

    [Fact]
    public void A_special_token_stays() => Assert.Null(Healer.Plan("A", [65, Tokenizer.Special.FimMiddle!.Value]));

    [Fact]
    public void What_is_in_the_document_is_not_written_again()
    {
        Healing healing = Healer.Plan("a in", Tokenizer.Encode("a in"))!;
        Assert.Equal("t x", healing.Rest(Tokenizer, Tokenizer.Encode("int x")));
        Assert.Equal("", healing.Rest(Tokenizer, Tokenizer.Encode("in")));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Only_allowed_tokens_are_proposed_first_and_any_later(bool host)
    {
        var scorer = new ScriptedScorer(3, p => (p == 0 ? 7 : 9, 0.9));
        var constraint = new FirstTokenConstraint([2, 4]);
        var blocked = new BlockedTokens(ScriptedScorer.Vocabulary, [ScriptedScorer.Mask]);
        using TokenProposer proposer = Proposers.Of(host, blocked);
        int[] Proposed(int start)
        {
            using Scores scores = scorer.Score([1, 2, 3, ScriptedScorer.Mask, ScriptedScorer.Mask], new ScoreWindow(3, 3 + start, 5, 5));
            return [.. proposer.Propose(scores, [Driven.Rows(start, 2 - start) with { Processors = [constraint] }])[0].Select(p => p.TokenId)];
        }
        Assert.Contains(Proposed(0)[0], new[] { 2, 4 });
        Assert.Equal(9, Proposed(0)[1]);
        Assert.Equal([9], Proposed(1));
    }
}
