namespace DiffusionLsp.Engine.Decoding.Filters;

/// <summary>
/// Which short token sequences the prompt holds, and how often. Code repeats its neighbourhood, so whether a proposal
/// continues something that stands there already says much about it, and costs no forward.
/// </summary>
internal sealed class PromptNgrams
{
    /// <summary>Longest context, in tokens.</summary>
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

    /// <summary>How often the last <paramref name="context"/> tokens of the sequence are followed by its next one, of all times that they occur; −1 where they never do.</summary>
    /// <param name="token">The token that follows.</param>
    /// <param name="before">Tokens before it, the nearest last.</param>
    public float Share(int token, ReadOnlySpan<int> before, int context)
    {
        if (before.Length < context) return -1;
        ulong with = Extended(0, token), without = 0;
        for (int i = 1; i <= context; i++)
        {
            with = Extended(with, before[^i]);
            without = Extended(without, before[^i]);
        }
        int all = counts.GetValueOrDefault(without);
        return all == 0 ? -1 : counts.GetValueOrDefault(with) / (float)all;
    }

    /// <summary>How often a token stands in the prompt.</summary>
    public int Count(int token) => counts.GetValueOrDefault(Extended(0, token));

    // FNV-1a over whole tokens, the nearest first. A collision changes a feature, never the text's validity.
    private static ulong Extended(ulong key, int token) => ((key == 0 ? 14695981039346656037 : key) ^ (uint)(token + 1)) * 1099511628211;
}
