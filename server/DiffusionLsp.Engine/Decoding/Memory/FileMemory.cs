using System.Runtime.InteropServices;

namespace DiffusionLsp.Engine.Decoding.Memory;

/// <summary>
/// What the open file itself says comes next: the tokens that followed earlier occurrences of the last few tokens,
/// before and after the hole (a cache language model: Kuhn and De Mori 1990; for code Hellendoorn and Devanbu 2017).
/// A small network knows the language but forgets this file's names; the file remembers them. It knows no network.
/// </summary>
internal sealed class FileMemory
{
    /// <summary>Longest context that is compared, in tokens.</summary>
    public const int MaxMatch = 12;

    /// <summary>Most tokens kept on each side of the hole; the nearest ones stay.</summary>
    public const int MaxTokens = 8192;

    private readonly int[] before, after;
    private readonly Dictionary<int, List<int>> places = []; // token → positions; those after the hole are ~i

    /// <param name="before">Tokens before the hole.</param>
    /// <param name="after">Tokens after it; no match reaches across the hole.</param>
    public FileMemory(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        this.before = before[^Math.Min(before.Length, MaxTokens)..].ToArray();
        this.after = after[..Math.Min(after.Length, MaxTokens)].ToArray();
        for (int i = 0; i + 1 < this.before.Length; i++) Add(this.before[i], i);
        for (int i = 0; i + 1 < this.after.Length; i++) Add(this.after[i], ~i);
    }

    private void Add(int token, int place)
    {
        ref List<int>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(places, token, out _);
        (list ??= []).Add(place);
    }

    /// <summary>What followed the longest earlier match of the context's end; null when its last token is new.</summary>
    /// <param name="context">The text so far; only its end counts.</param>
    public Recollection? Recall(ReadOnlySpan<int> context)
    {
        if (context.Length == 0 || !places.TryGetValue(context[^1], out List<int>? candidates)) return null;
        int longest = 0, total = 0;
        var followers = new Dictionary<int, int>();
        foreach (int place in candidates)
        {
            (int[] text, int at) = place >= 0 ? (before, place) : (after, ~place);
            int length = MatchLength(context, text, at);
            if (length < longest) continue;
            if (length > longest)
            {
                followers.Clear();
                (longest, total) = (length, 0);
            }
            CollectionsMarshal.GetValueRefOrAddDefault(followers, text[at + 1], out _)++;
            total++;
        }
        return new Recollection(longest, total, [.. followers.Select(f => (f.Key, f.Value / (double)total)).OrderByDescending(f => f.Item2).ThenBy(f => f.Key)]);
    }

    private static int MatchLength(ReadOnlySpan<int> context, int[] text, int at)
    {
        int length = 1;
        while (length < MaxMatch && length <= at && length < context.Length && text[at - length] == context[^(length + 1)]) length++;
        return length;
    }
}

/// <summary>What followed the longest match.</summary>
/// <param name="Match">Its length in tokens, 1 to <see cref="FileMemory.MaxMatch"/>.</param>
/// <param name="Count">How often it occurred.</param>
/// <param name="Followers">Tokens that followed it with their shares, the commonest first.</param>
internal sealed record Recollection(int Match, int Count, IReadOnlyList<(int Token, double Share)> Followers);
