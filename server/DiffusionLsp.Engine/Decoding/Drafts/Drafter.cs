namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// Composes the draft of a step, token by token, from the source that is most often right, as long as another row pays. It knows
/// no model.
/// </summary>
internal sealed class Drafter(IReadOnlyList<IDraftSource> sources, DraftMemory memory, Func<int, bool> ends)
{
    /// <summary>All guesses by position, including the one after the draft, so that every kind is judged even where it was not followed.</summary>
    private readonly List<DraftGuess[]> guesses = [];

    /// <summary>The probability that the whole draft is right.</summary>
    public double Reach { get; private set; }

    /// <param name="written">Prompt and committed tokens.</param>
    /// <param name="at">Canvas position of the first drafted token.</param>
    /// <param name="room">Maximum length of the draft.</param>
    public int[] Draft(ReadOnlySpan<int> written, int at, int room)
    {
        guesses.Clear();
        Reach = 1;
        List<int> sequence = [.. written], draft = [];
        while (draft.Count < room)
        {
            var here = new List<DraftGuess>();
            foreach (IDraftSource source in sources)
                if (source.Next(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(sequence), at + draft.Count) is { } guess) here.Add(guess);
            guesses.Add([.. here]);
            if (here.Count == 0) break;
            DraftGuess best = here.MaxBy(guess => memory.Rates[guess.Bucket]);
            double reach = Reach * memory.Rates[best.Bucket];
            if (reach < memory.LeastUseful) break;
            Reach = reach;
            draft.Add(best.Token);
            sequence.Add(best.Token);
            if (ends(best.Token)) break;
        }
        return [.. draft];
    }

    /// <summary>How many mask rows after the draft pay: each costs one row now and, if its guess is followed, one in the next step.</summary>
    public int Masks(int room)
    {
        double reach = Reach, least = memory.LeastUseful;
        int count = 0;
        while (count < Math.Min(room, AcceptanceRates.MostMasks))
        {
            double next = reach * memory.Rates[AcceptanceRates.Mask + count];
            if (next < least * (1 + reach)) break;
            reach = next;
            count++;
        }
        return count;
    }

    /// <summary>Updates the acceptance rates of this step's guesses.</summary>
    /// <param name="written">The committed tokens from the draft's first position on.</param>
    public void Observe(ReadOnlySpan<int> written)
    {
        for (int i = 0; i < Math.Min(written.Length, guesses.Count); i++)
            foreach (DraftGuess guess in guesses[i]) memory.Rates.Observe(guess.Bucket, guess.Token == written[i]);
    }
}
