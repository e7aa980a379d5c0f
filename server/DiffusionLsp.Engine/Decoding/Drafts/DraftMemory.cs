namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>What drafting has learnt over all decodes of one model: how good guesses are, and what a token is worth.</summary>
/// <param name="cost">What a forward costs.</param>
internal sealed class DraftMemory(RowCost cost)
{
    private const double Forgetting = 0.98;
    private const double PriorTokens = 20;

    private double tokens = PriorTokens;
    private double milliseconds = PriorTokens * cost.Of(1);

    public RowCost Cost => cost;

    public AcceptanceRates Rates { get; } = new();

    /// <summary>
    /// Least probability of being right at which a row pays: what a row costs over what a token costs at present. By this
    /// rule the expected tokens per millisecond are highest.
    /// </summary>
    public double LeastUseful => cost.PerRow / (milliseconds / tokens);

    /// <summary>Counts a step by the cost model, not by the clock, so that the same requests make the same drafts.</summary>
    public void Observe(int rows, int written)
    {
        milliseconds = Forgetting * milliseconds + cost.Of(rows);
        tokens = Forgetting * tokens + written;
    }
}
