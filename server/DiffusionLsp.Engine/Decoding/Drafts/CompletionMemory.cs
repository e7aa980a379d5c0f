using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Decoding.Drafts;

/// <summary>
/// Remembers the last completion. Where the next request stands inside it, because the user typed along it or took back
/// what was typed, the rest of it is what the model probably writes again. It compares texts, because a word that is typed
/// to its half has other tokens than the whole.
/// </summary>
internal sealed class CompletionMemory(CodeTokenizer tokenizer)
{
    private const int MostTakenBack = 64; // characters

    private InfillRequest? request;
    private string text = "";
    private bool ended;

    /// <summary>The tokens that the hole probably holds; empty when nothing is known.</summary>
    public int[] Guess(InfillRequest next)
    {
        if (request is null || next.Path != request.Path || next.Suffix != request.Suffix) return [];
        string all = request.Prefix + text;
        if (next.Prefix.Length < request.Prefix.Length - MostTakenBack || next.Prefix.Length > all.Length) return [];
        if (!all.StartsWith(next.Prefix, StringComparison.Ordinal)) return [];
        int[] rest = tokenizer.Encode(all[next.Prefix.Length..]);
        return ended ? [.. rest, tokenizer.Special.EndOfText] : rest;
    }

    /// <param name="written">What was written into the hole, uncut.</param>
    public void Remember(InfillRequest answered, ReadOnlySpan<int> written)
    {
        int end = written.IndexOf(tokenizer.Special.EndOfText);
        (request, ended) = (answered, end >= 0);
        text = tokenizer.Decode(ended ? written[..end] : written);
    }

    public void Forget() => request = null;
}
