namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>Statistics of drafting over all decodes of one model: how often guesses are right, and what a token currently costs.</summary>
/// <param name="cost">The cost of a forward.</param>
internal sealed class DraftMemory(RowCost cost)
{
    private const double Forgetting = 0.98; // per step: about the last fifty count
    private const double PriorTokens = 20; // each at the cost of a forward of one row

    private double tokens = PriorTokens;
    private double milliseconds = PriorTokens * cost.Of(1);

    public RowCost Cost => cost;

    public AcceptanceRates Rates { get; } = new();

    /// <summary>
    /// The smallest probability of being right at which a row pays: the cost of a row divided by the current cost of a token. This rule
    /// maximises the expected tokens per millisecond.
    /// </summary>
    public double LeastUseful => cost.PerRow / (milliseconds / tokens);

    /// <summary>Counts a step by the cost model instead of the clock, so that the same requests produce the same drafts.</summary>
    /// <param name="rows">Rows fed in the step.</param>
    /// <param name="written">Tokens committed by it.</param>
    public void Observe(int rows, int written)
    {
        milliseconds = Forgetting * milliseconds + cost.Of(rows);
        tokens = Forgetting * tokens + written;
    }
}
