using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Decoding.Drafts;
using DiffusionLsp.Engine.Models;
using DiffusionLsp.Engine.Tests.Models;

namespace DiffusionLsp.Engine.Tests.Decoding.Drafts;

/// <summary>Running estimates and what follows from them.</summary>
public sealed class DraftMemoryTests
{
    [Fact]
    public void Every_kind_of_guess_has_a_rate()
    {
        var rates = new AcceptanceRates();
        for (int bucket = 0; bucket < AcceptanceRates.WorkspaceMatch + AcceptanceRates.LongestMatch; bucket++) Assert.InRange(rates[bucket], 0.01, 0.99);
        Assert.ThrowsAny<IndexOutOfRangeException>(() => rates[AcceptanceRates.WorkspaceMatch + AcceptanceRates.LongestMatch]);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void Rates_follow_what_is_seen(double truth)
    {
        var rates = new AcceptanceRates();
        var random = new Random(1);
        for (int i = 0; i < 400; i++) rates.Observe(AcceptanceRates.Match, random.NextDouble() < truth);
        Assert.Equal(truth, rates[AcceptanceRates.Match], 0.12);
        Assert.Equal(new AcceptanceRates()[AcceptanceRates.GuessOutOfStep], rates[AcceptanceRates.GuessOutOfStep], 1e-9);
    }

    [Fact]
    public void Dear_rows_and_cheap_tokens_ask_for_surer_guesses()
    {
        DraftMemory Memory(double perRow) => new(new RowCost(2, perRow));
        Assert.True(Memory(1).LeastUseful > Memory(0.1).LeastUseful);
        DraftMemory fast = Memory(0.1);
        double before = fast.LeastUseful;
        for (int i = 0; i < 50; i++) fast.Observe(rows: 6, written: 5);
        Assert.True(fast.LeastUseful > before);
    }

    [Fact]
    public void A_row_costs_something()
    {
        using var model = new TinyModel(TinyModel.Shape(18));
        RowCost cost = RowCost.Measure(model.NewRunner());
        Assert.True(cost.PerRow > 0 && cost.Fixed >= 0 && double.IsFinite(cost.Of(100)));
    }
}
