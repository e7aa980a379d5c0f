namespace DiffusionLsp.Engine.Models;

/// <summary>
/// What one sequence contributes to a forward, in plain integers: the consecutive rows to feed, what each of them sees, and
/// which of them are scored.
/// </summary>
/// <param name="Tokens">Ids of the rows fed (T); row i has position and slot row First + i.</param>
/// <param name="First">Position of the first row.</param>
/// <param name="Seen">The rows see positions below this, or fewer according to <paramref name="Limits"/>; at least First + T.</param>
/// <param name="Limits">(T) end of what each row sees; null: all rows see everything below <paramref name="Seen"/>.</param>
/// <param name="ScoredFrom">Index, among the rows fed, of the first row to score.</param>
/// <param name="Scored">Number of rows to score from there on.</param>
internal sealed record RowPlan(int[] Tokens, int First, int Seen, int[]? Limits, int ScoredFrom, int Scored)
{
    /// <summary>End of the rows fed.</summary>
    public int End => First + Tokens.Length;
}
