namespace DiffusionLsp.Engine.Models.Steps;

/// <summary>
/// The input of a static step: one block of integers, six columns of R numbers. It needs no masks, because every row sees a prefix of
/// its sequence.
/// </summary>
/// <param name="address">6 · R integers in host memory.</param>
/// <param name="rows">Rows of the bucket (R).</param>
internal readonly unsafe ref struct StepInput(nint address, int rows)
{
    /// <summary>Columns of the block.</summary>
    public const int Columns = 6;

    /// <summary>Column of the token ids.</summary>
    public const int Ids = 0;

    /// <summary>Column of the positions in the sequence.</summary>
    public const int Position = 1;

    /// <summary>Column of the arena rows that receive keys and values; −1: padding, nothing is stored.</summary>
    public const int Store = 2;

    /// <summary>Column of the arena rows at which each row's sequence begins.</summary>
    public const int First = 3;

    /// <summary>Column of how many rows of its sequence each row sees; 0: padding.</summary>
    public const int Seen = 4;

    /// <summary>Column of the rows that are scored, in order; then zeros.</summary>
    public const int Pick = 5;

    /// <summary>One column (R).</summary>
    public Span<int> Column(int index) => new((int*)address + index * rows, rows);

    /// <summary>Writes the rows of one or several sequences.</summary>
    /// <param name="work">Each in its own slot of one arena; at most R rows in total.</param>
    /// <param name="capacity">Rows per slot of the arena.</param>
    /// <returns>How many rows are scored.</returns>
    public int Write(IReadOnlyList<(KeyValueSlot Slot, RowPlan Plan)> work, int capacity)
    {
        new Span<int>((int*)address, Columns * rows).Clear();
        Column(Store).Fill(-1);
        int at = 0, scored = 0;
        foreach ((KeyValueSlot slot, RowPlan plan) in work)
        {
            int first = slot.Index * capacity;
            for (int i = 0; i < plan.Scored; i++) Column(Pick)[scored++] = at + plan.ScoredFrom + i;
            for (int i = 0; i < plan.Tokens.Length; i++, at++)
            {
                Column(Ids)[at] = plan.Tokens[i];
                Column(Position)[at] = plan.First + i;
                Column(Store)[at] = first + plan.First + i;
                Column(First)[at] = first;
                Column(Seen)[at] = plan.Limits?[i] ?? plan.Seen;
            }
        }
        return scored;
    }
}
