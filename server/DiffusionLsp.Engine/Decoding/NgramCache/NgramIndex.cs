namespace DiffusionLsp.Engine.Decoding.NgramCache;

/// <summary>
/// The n-grams of the open file: the tokens that followed earlier occurrences of the last few tokens, before and after the hole (a cache
/// language model: Kuhn and De Mori 1990; for code Hellendoorn and Devanbu 2017). It knows no network.
/// </summary>
internal sealed class NgramIndex
{
    /// <summary>Maximum length of a match in tokens.</summary>
    public const int MaxMatch = 12;

    /// <summary>Maximum number of tokens kept on each side of the hole; the nearest ones are kept.</summary>
    public const int MaxTokens = 8192;

    private readonly int[] before, after;

    /// <param name="before">Tokens before the hole.</param>
    /// <param name="after">Tokens after it; no match spans the hole.</param>
    public NgramIndex(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        this.before = before[^Math.Min(before.Length, MaxTokens)..].ToArray();
        this.after = after[..Math.Min(after.Length, MaxTokens)].ToArray();
    }

    /// <summary>The continuations of the longest match of the context's end; null: its last token is new.</summary>
    /// <param name="context">The text so far; only its end matters.</param>
    /// <param name="allowed">Allowed continuations; a longest match without any gives way to a shorter one. Null: any.</param>
    public NgramMatch? Find(ReadOnlySpan<int> context, IReadOnlySet<int>? allowed = null)
    {
        if (context.Length == 0) return null;
        var followers = new List<int>(); // continuations of the longest matches so far
        int longest = Search(after, context, allowed, followers, Search(before, context, allowed, followers, 0));
        return NgramMatch.Of(longest, followers);
    }

    /// <summary>A linear search, which takes microseconds even for the longest file: less than it would cost to maintain an index while the user types.</summary>
    private static int Search(int[] text, ReadOnlySpan<int> context, IReadOnlySet<int>? allowed, List<int> followers, int longest)
    {
        int last = context[^1];
        for (int at = 0; at + 1 < text.Length; at++)
        {
            if (text[at] != last || allowed?.Contains(text[at + 1]) is false || MatchLength(context, text, at) is var length && length < longest) continue;
            if (length > longest) followers.Clear();
            longest = length;
            followers.Add(text[at + 1]);
        }
        return longest;
    }

    private static int MatchLength(ReadOnlySpan<int> context, int[] text, int at)
    {
        int length = 1;
        while (length < MaxMatch && length <= at && length < context.Length && text[at - length] == context[^(length + 1)]) length++;
        return length;
    }
}
