using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// Guesses what a hole holds from text: what followed the longest earlier match of the characters before the cursor, in the
/// last completions and in the text around the hole. It compares characters, because a word that is typed to its half has
/// other tokens than the whole.
/// </summary>
/// <remarks>
/// While somebody types along a completion, that completion's rest is the longest match; where the model wavers between
/// two completions from key to key, both are known.
/// </remarks>
internal sealed class TextLookup(CodeTokenizer tokenizer)
{
    private const int MostRemembered = 16; // completions
    private const int Tail = 64; // characters of text before a hole that are kept with its completion; longest match
    private const int ShortestMatch = 3;
    private const int LongestGuess = 160; // characters

    private readonly Queue<Completion> remembered = new(); // oldest first

    /// <summary>The likeliest beginning of the hole.</summary>
    /// <param name="healed">What stands before the cursor and is written once more (<see cref="Prompts.TokenHealing"/>).</param>
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
        foreach (Completion completion in remembered.Reverse()) Search(completion.Text, completion.Text.Length, completion); // the latest of equals
        Search(before, before.Length - 1);
        Search(request.Suffix, request.Suffix.Length);
        if (best.Length < ShortestMatch) return InitialDraft.None;
        // The same hole again: its own tokens, which need not be those that its text has on its own.
        if (best.Completion is { } same && same.Healed == healed.Length && best.At == same.Start + healed.Length) return new InitialDraft(same.Tokens, best.Length);
        int rest = Math.Min(best.Text.Length - best.At, LongestGuess);
        if (rest < best.Text.Length - best.At && char.IsHighSurrogate(best.Text[best.At + rest - 1])) rest--;
        int[] ids = tokenizer.Encode(string.Concat(healed, best.Text.AsSpan(best.At, rest)));
        bool whole = best.Completion?.Ended is true && best.At + rest == best.Text.Length;
        return new InitialDraft(whole ? [.. ids, tokenizer.Special.EndOfText] : ids, best.Length);
    }

    /// <param name="written">What was written into the hole, uncut; it begins with what was healed.</param>
    /// <param name="healed">As in <see cref="Draft"/>.</param>
    public void Remember(InfillRequest answered, ReadOnlySpan<int> written, string healed = "")
    {
        int end = written.IndexOf(tokenizer.Special.EndOfText), start = Math.Max(0, answered.Prefix.Length - healed.Length), tail = Math.Min(Tail, start);
        string text = answered.Prefix[(start - tail)..start] + tokenizer.DecodeWhole(end < 0 ? written : written[..end]);
        if (remembered.Count == MostRemembered) remembered.Dequeue();
        remembered.Enqueue(new Completion(text, tail, healed.Length, (end < 0 ? written : written[..(end + 1)]).ToArray(), end >= 0));
    }

    public void Forget() => remembered.Clear();

    /// <summary>How many characters before <paramref name="at"/> equal the last ones before the cursor.</summary>
    private static int MatchLength(string before, string text, int at)
    {
        int length = 0, most = Math.Min(Tail, Math.Min(at, before.Length));
        while (length < most && text[at - 1 - length] == before[^(length + 1)]) length++;
        return length;
    }

    /// <param name="Text">What stood before the hole, and what was written into it.</param>
    /// <param name="Start">Where its tokens begin in it.</param>
    /// <param name="Healed">How many of their characters stood before the cursor already.</param>
    /// <param name="Tokens">What was written, the end included.</param>
    private sealed record Completion(string Text, int Start, int Healed, int[] Tokens, bool Ended);
}

/// <summary>What a hole probably holds, from its first position on.</summary>
/// <param name="Tokens">May be empty.</param>
/// <param name="MatchLength">Characters before the hole that speak for it.</param>
internal sealed record InitialDraft(IReadOnlyList<int> Tokens, int MatchLength)
{
    /// <summary>Nothing is known.</summary>
    public static InitialDraft None { get; } = new([], 0);
}
