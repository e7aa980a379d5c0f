using DiffusionLsp.Engine.Decoding.Drafts;

namespace DiffusionLsp.Engine.Tests.Decoding.Drafts;

/// <summary>Of several sources, whose guesses a draft is made of, and when it ends.</summary>
public sealed class DrafterTests
{
    private const int Weak = AcceptanceRates.Match, Strong = AcceptanceRates.Match + 6; // priors 0.15 and 0.75
    private const int End = 99;

    private readonly DraftMemory memory = new(new RowCost(10, 0.1)); // rows are cheap

    [Fact]
    public void The_source_that_is_right_most_often_is_followed()
    {
        Drafter drafter = Of(Always(1, Weak), Always(2, Strong));
        Assert.Equal([2, 2], drafter.Draft([7], 0, room: 2));
        Assert.Equal(memory.Rates[Strong] * memory.Rates[Strong], drafter.Reach, 1e-9);
    }

    [Fact]
    public void The_guesses_that_were_not_followed_are_judged_too()
    {
        Drafter drafter = Of(Always(1, Weak), Always(2, Strong));
        (double weak, double strong) = (memory.Rates[Weak], memory.Rates[Strong]);
        drafter.Draft([7], 0, room: 1);
        drafter.Observe([1]);
        Assert.True(memory.Rates[Weak] > weak && memory.Rates[Strong] < strong);
    }

    [Fact]
    public void Each_token_is_guessed_after_those_before_it()
    {
        var seen = new List<string>();
        Drafter drafter = Of(new Source((written, at) =>
        {
            seen.Add($"{at}: {string.Join(' ', written)}");
            return new DraftGuess(10 + at, Strong);
        }));
        Assert.Equal([15, 16], drafter.Draft([7, 8], 5, room: 2));
        Assert.Equal(["5: 7 8", "6: 7 8 15"], seen);
    }

    [Fact]
    public void A_draft_ends_with_an_end_of_text_without_guesses_and_when_it_is_too_unlikely()
    {
        Assert.Equal([End], Of(Always(End, Strong)).Draft([7], 0, room: 5));
        Assert.Empty(Of(new Source((_, _) => null)).Draft([7], 0, room: 5));
        int[] draft = Of(Always(1, Weak)).Draft([7], 0, room: 50);
        Assert.InRange(draft.Length, 0, 5);
        Assert.True(Math.Pow(memory.Rates[Weak], draft.Length + 1) < memory.LeastUseful);
    }

    private Drafter Of(params IDraftSource[] sources) => new(sources, memory, token => token == End);

    private static Source Always(int token, int bucket) => new((_, _) => new DraftGuess(token, bucket));

    private sealed class Source(Func<int[], int, DraftGuess?> next) : IDraftSource
    {
        public DraftGuess? Next(ReadOnlySpan<int> written, int at) => next(written.ToArray(), at);
    }
}
