using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// Cuts a request's text to the token budget and lays it out. What it drops moves in steps of lines and blocks, so
/// that while somebody types, consecutive prompts share a long beginning and the K/V cache can be reused.
/// </summary>
/// <param name="marksFiles">Whether other files stand between marks (<see cref="RelatedLayout"/>).</param>
internal sealed class PromptBuilder(CodeTokenizer tokenizer, int budget, bool marksFiles = false)
{
    private const double SuffixShare = 0.25;
    private const int CharactersPerToken = 8; // above what code has: more characters than this never fit

    private readonly RelatedLayout layout = RelatedLayout.Of(tokenizer, marksFiles);

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
        int[] related = Related(request, Math.Min(request.RelatedTokens, room / 2));
        return [.. related, .. Prefix(request.Prefix, room - related.Length)];
    }

    /// <summary>The most helpful text stands last, next to the prefix. What it costs does not depend on the prefix, so it stays while somebody types.</summary>
    private int[] Related(InfillRequest request, int room)
    {
        if (request.Related.Count == 0 || room <= 0) return [];
        int[] begin = layout.Begin(request), end = layout.End(request);
        room -= begin.Length + end.Length;
        var taken = new Stack<int[]>();
        foreach (RelatedText text in request.Related)
        {
            if (text.Text.Length > room * CharactersPerToken || layout.Lay(text, request.Language) is not { } ids || ids.Length > room) continue;
            taken.Push(ids);
            room -= ids.Length;
        }
        return taken.Count == 0 ? [] : [.. begin, .. taken.SelectMany(ids => ids), .. end];
    }

    /// <summary>The tokens that mean something.</summary>
    public SpecialTokens Special => tokenizer.Special;

    /// <summary>Tokens that are left of the budget; at least one.</summary>
    public int Room(int taken) => Math.Max(1, budget - taken);

    /// <summary>The beginning of the text after the hole, as much as its share of the budget holds.</summary>
    public int[] Suffix(string text)
    {
        int most = (int)(budget * SuffixShare);
        int end = WholeCharacters.Start(text, Math.Min(text.Length, most * CharactersPerToken));
        int[] ids = tokenizer.Encode(text[..end]);
        return ids.Length <= most ? ids : ids[..most];
    }

    private int[] Prefix(string text, int room)
    {
        // First by characters, so that a huge file costs no more than a small one; the start moves in whole steps.
        int window = room * CharactersPerToken, step = window / 2;
        int skip = text.Length <= window ? 0 : (text.Length - window + step - 1) / step * step;
        if (skip > 0) skip = text.IndexOf('\n', skip) is var line and >= 0 ? line + 1 : WholeCharacters.Start(text, skip);
        int[] ids = tokenizer.Encode(text[skip..]);
        if (ids.Length <= room) return ids;

        int stride = Math.Max(1, room / 4);
        int drop = Math.Min((ids.Length - room + stride - 1) / stride * stride, ids.Length - 1);
        int atLine = drop;
        while (atLine < ids.Length - 1 && tokenizer.BytesOf(ids[atLine]) is var bytes && !bytes.Contains((byte)'\n')) atLine++;
        return ids[(atLine < ids.Length - 1 ? atLine : drop)..];
    }
}
