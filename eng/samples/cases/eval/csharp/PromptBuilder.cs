using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// Cuts a request's text to the token budget and lays it out. What it drops moves in steps of lines and blocks, so
/// that while somebody types, consecutive prompts share a long beginning and the K/V cache can be reused.
/// </summary>
internal sealed class PromptBuilder(CodeTokenizer tokenizer, int budget)
{
    private const double SuffixShare = 0.25;
    private const int CharactersPerToken = 8; // above what code has: more characters than this never fit

    /// <summary>The prompt's ids; the hole follows the last one.</summary>
    /// <param name="reserved">Tokens of the budget that are somebody else's.</param>
    public int[] Build(InfillRequest request, int reserved = 0)
    {
        int[] path = request.Path is null ? [] : tokenizer.Encode(PromptLayout.ShortPath(request.Path));
        path = path[^Math.Min(path.Length, Math.Min(PromptLayout.MaxPathTokens, budget / 4))..];
        int[] suffix = Suffix(request.Suffix);
        int room = Math.Max(1, budget - path.Length - suffix.Length - 3 - reserved);
        return PromptLayout.Compose(tokenizer.Special, path, suffix, Before(request, room));
    }

    /// <summary>What stands right before the hole: the texts of other files that fit, and the end of the prefix.</summary>
    public int[] Before(InfillRequest request, int room)
    {
        int[] related = Related(request.Related, Math.Min(request.RelatedTokens, room / 2));
        return [.. related, .. Prefix(request.Prefix, room - related.Length)];
    }

    /// <summary>The most helpful text stands last, next to the prefix. What it costs does not depend on the prefix, so it stays while somebody types.</summary>
    private int[] Related(IReadOnlyList<string> texts, int room)
    {
        var taken = new Stack<int[]>();
        foreach (string text in texts)
        {
            if (text.Length > room * CharactersPerToken) continue;
            int[] ids = tokenizer.Encode(text);
            if (ids.Length > room) continue;
            taken.Push(ids);
            room -= ids.Length;
        }
        return [.. taken.SelectMany(ids => ids)];
    }

    /// <summary>The tokens that mean something.</summary>
    public SpecialTokens Special => tokenizer.Special;

    /// <summary>Tokens that are left of the budget; at least one.</summary>
    public int Room(int taken) => Math.Max(1, budget - taken);

    /// <summary>The beginning of the text after the hole, as much as its share of the budget holds.</summary>
    public int[] Suffix(string text)
    {
        int most = (int)(budget * SuffixShare);
        int end = Math.Min(text.Length, most * CharactersPerToken);
        int[] ids = tokenizer.Encode(text[..end]);
        return ids.Length <= most ? ids : ids[..most];
    }

    private int[] Prefix(string text, int room)
    {
        // First by characters, so that a huge file costs no more than a small one; the start moves in whole steps.
        int window = room * CharactersPerToken, step = window / 2;
        int skip = text.Length <= window ? 0 : (text.Length - window + step - 1) / step * step;
        if (skip > 0) skip = text.IndexOf('\n', skip) is var line and >= 0 ? line + 1 : skip;
        int[] ids = tokenizer.Encode(text[skip..]);
        if (ids.Length <= room) return ids;

        int stride = Math.Max(1, room / 4);
        int drop = Math.Min((ids.Length - room + stride - 1) / stride * stride, ids.Length - 1);
        int atLine = drop;
        while (atLine < ids.Length - 1 && tokenizer.BytesOf(ids[atLine]) is var bytes && !bytes.Contains((byte)'\n')) atLine++;
        return ids[(atLine < ids.Length - 1 ? atLine : drop)..];
    }
}
