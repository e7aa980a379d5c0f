using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// Truncates a request's text to the token budget and arranges it. The truncation point moves in steps of lines and blocks, so that
/// consecutive prompts share a long prefix while the user types and the K/V cache can be reused.
/// </summary>
/// <param name="marksFiles">Whether other files are delimited by special tokens (<see cref="RelatedLayout"/>).</param>
internal sealed class PromptBuilder(CodeTokenizer tokenizer, int budget, bool marksFiles = false)
{
    private const double SuffixShare = 0.25;
    private const int CharactersPerToken = 8; // more than code ever has, so longer text cannot fit

    private readonly RelatedLayout layout = RelatedLayout.Of(tokenizer, marksFiles);

    /// <summary>The prompt's ids; the hole follows the last one.</summary>
    /// <param name="reserved">Tokens of the budget that the caller adds itself.</param>
    public int[] Build(InfillRequest request, int reserved = 0)
    {
        int[] path = request.Path is null ? [] : tokenizer.Encode(PromptLayout.ShortPath(request.Path));
        path = path[^Math.Min(path.Length, Math.Min(PromptLayout.MaxPathTokens, budget / 4))..];
        int[] suffix = Suffix(request.Suffix);
        int room = Math.Max(1, budget - path.Length - suffix.Length - 3 - reserved);
        return PromptLayout.Compose(tokenizer.Special, path, suffix, Before(request, room));
    }

    /// <summary>The tokens right before the hole: texts of other files that fit, then the end of the prefix.</summary>
    /// <param name="room">Maximum number of tokens.</param>
    public int[] Before(InfillRequest request, int room)
    {
        int[] related = Related(request, Math.Min(request.RelatedTokens, room / 2));
        return [.. related, .. Prefix(request.Prefix, room - related.Length)];
    }

    /// <summary>Texts of other files, the most relevant last, next to the prefix. The selection does not depend on the prefix, so it is stable while the user types.</summary>
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

    /// <summary>The tokenizer's special tokens.</summary>
    public SpecialTokens Special => tokenizer.Special;

    /// <summary>The rest of the budget in tokens; at least one.</summary>
    public int Room(int taken) => Math.Max(1, budget - taken);

    /// <summary>The beginning of the text after the hole, up to the suffix's share of the budget.</summary>
    public int[] Suffix(string text)
    {
        int most = (int)(budget * SuffixShare);
        int end = WholeCharacters.Start(text, Math.Min(text.Length, most * CharactersPerToken));
        int[] ids = tokenizer.Encode(text[..end]);
        return ids.Length <= most ? ids : ids[..most];
    }

    private int[] Prefix(string text, int room)
    {
        // Truncates by characters first, so that a huge file costs no more than a small one; the start moves in whole steps.
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
