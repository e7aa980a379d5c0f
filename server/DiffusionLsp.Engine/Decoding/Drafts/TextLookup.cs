using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// Guesses the contents of a hole from text: what followed the longest earlier match of the characters before the cursor, in recent
/// completions and in the text around the hole. It compares characters, because a half-typed word has different tokens from the whole word.
/// </summary>
/// <remarks>
/// While the user types through a completion, the rest of that completion is the longest match; where the model alternates between
/// two completions from keystroke to keystroke, both are remembered.
/// </remarks>
internal sealed class TextLookup(CodeTokenizer tokenizer)
{
    private const int MostRemembered = 16; // completions
    private const int Tail = 64; // characters before a hole that are kept with its completion, and the longest match
    private const int ShortestMatch = 3;
    private const int LongestGuess = 160; // characters

    private readonly Queue<Completion> remembered = new(); // oldest first

    /// <summary>The most likely beginning of the hole.</summary>
    /// <param name="healed">Text before the cursor that is regenerated (<see cref="Prompts.TokenHealing"/>).</param>
    public InitialDraft Draft(InfillRequest request, string healed = "")
    {
        string before = request.Prefix;
        var best = (Length: ShortestMatch - 1, Text: "", At: 0, Completion: (Completion?)null);
        void Search(string text, int end, Completion? completion = null)
        {
            for (int at = end; at >= ShortestMatch; at--)
            {
                int length = MatchLength(before, text, at);
                if (length > best.Length) best = (length, text, at, completion);
                if (length == Tail) return;
            }
        }
        foreach (Completion completion in remembered.Reverse()) Search(completion.Text, completion.Text.Length, completion); // ties go to the latest
        Search(before, before.Length - 1);
        Search(request.Suffix, request.Suffix.Length);
        if (best.Length < ShortestMatch) return InitialDraft.None;
        // For the same hole its own tokens are reused; encoding its text may give different ones.
        if (best.Completion is { } same && same.Healed == healed.Length && best.At == same.Start + healed.Length) return new InitialDraft(same.Tokens, best.Length);
        int rest = Math.Min(best.Text.Length - best.At, LongestGuess);
        if (rest < best.Text.Length - best.At && char.IsHighSurrogate(best.Text[best.At + rest - 1])) rest--;
        int[] ids = tokenizer.Encode(string.Concat(healed, best.Text.AsSpan(best.At, rest)));
        bool whole = best.Completion?.Ended is true && best.At + rest == best.Text.Length;
        return new InitialDraft(whole ? [.. ids, tokenizer.Special.EndOfText] : ids, best.Length);
    }

    /// <param name="written">The tokens generated for the hole, not truncated, including the healed part.</param>
    /// <param name="healed">As in <see cref="Draft"/>.</param>
    public void Remember(InfillRequest answered, ReadOnlySpan<int> written, string healed = "")
    {
        int end = written.IndexOf(tokenizer.Special.EndOfText), start = Math.Max(0, answered.Prefix.Length - healed.Length), tail = Math.Min(Tail, start);
        string text = answered.Prefix[(start - tail)..start] + tokenizer.DecodeWhole(end < 0 ? written : written[..end]);
        if (remembered.Count == MostRemembered) remembered.Dequeue();
        remembered.Enqueue(new Completion(text, tail, healed.Length, (end < 0 ? written : written[..(end + 1)]).ToArray(), end >= 0));
    }

    public void Forget() => remembered.Clear();

    /// <summary>How many characters before <paramref name="at"/> equal those before the cursor.</summary>
    private static int MatchLength(string before, string text, int at)
    {
        int length = 0, most = Math.Min(Tail, Math.Min(at, before.Length));
        while (length < most && text[at - 1 - length] == before[^(length + 1)]) length++;
        return length;
    }

    /// <param name="Text">Text before the hole, then the completion.</param>
    /// <param name="Start">Where the completion's tokens begin in it.</param>
    /// <param name="Healed">How many of their characters were already before the cursor.</param>
    /// <param name="Tokens">The completion's tokens, including end-of-text.</param>
    private sealed record Completion(string Text, int Start, int Healed, int[] Tokens, bool Ended);
}

/// <summary>A guess at a hole's contents, from its first position on.</summary>
/// <param name="Tokens">May be empty.</param>
/// <param name="MatchLength">Number of matching characters before the hole.</param>
internal sealed record InitialDraft(IReadOnlyList<int> Tokens, int MatchLength)
{
    /// <summary>No guess.</summary>
    public static InitialDraft None { get; } = new([], 0);
}
