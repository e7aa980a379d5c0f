namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>
/// Counts of the short token sequences in the prompt. Code repeats its surroundings, so whether a proposal continues something that
/// occurs there says much about it, and costs no forward.
/// </summary>
internal sealed class PromptNgrams
{
    /// <summary>Maximum length of a context in tokens.</summary>
    public const int MostContext = 4;

    private readonly Dictionary<ulong, int> counts = [];

    public PromptNgrams(ReadOnlySpan<int> prompt)
    {
        for (int end = 1; end <= prompt.Length; end++)
        {
            ulong key = 0;
            for (int length = 1; length <= MostContext + 1 && length <= end; length++)
            {
                key = Extended(key, prompt[end - length]);
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;
            }
        }
    }

    /// <summary>The fraction of a context's occurrences in the prompt that a token follows; −1: the context does not occur.</summary>
    /// <param name="token">The token that follows.</param>
    /// <param name="before">Tokens before it, the nearest last.</param>
    /// <param name="context">How many of them form the context.</param>
    public float Share(int token, ReadOnlySpan<int> before, int context)
    {
        if (before.Length < context) return -1;
        ulong key = 0;
        for (int i = 1; i <= context; i++) key = Extended(key, before[^i]);
        int all = counts.GetValueOrDefault(key);
        return all == 0 ? -1 : Count(token, before, context) / (float)all;
    }

    /// <summary>How often a token occurs in the prompt after the last <paramref name="context"/> tokens.</summary>
    public int Count(int token, ReadOnlySpan<int> before, int context)
    {
        if (before.Length < context) return 0;
        ulong key = Extended(0, token);
        for (int i = 1; i <= context; i++) key = Extended(key, before[^i]);
        return counts.GetValueOrDefault(key);
    }

    // FNV-1a over whole tokens, the nearest first. A collision only changes a feature.
    private static ulong Extended(ulong key, int token) => ((key == 0 ? 14695981039346656037 : key) ^ (uint)(token + 1)) * 1099511628211;
}
