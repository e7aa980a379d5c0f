using DiffusionLsp.Engine.Decoding.NgramCache;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// Builds an <see cref="NgramIndex"/> of the file around the hole. While the user types, only the last lines are tokenized again.
/// It remembers one file.
/// </summary>
internal sealed class NgramIndexBuilder(CodeTokenizer tokenizer)
{
    private const int MaxCharacters = NgramIndex.MaxTokens * 4;
    private const int MostUnsettled = 2000, LeastUnsettled = 400; // characters that are tokenized for every request

    private string settled = "", after = ""; // settled: whole lines before the cursor that are already tokenized
    private int[] settledIds = [], afterIds = [];

    /// <summary>Builds the index of a request's text.</summary>
    public NgramIndex Of(InfillRequest request)
    {
        string prefix = Window(request.Prefix);
        if (settled.Length == 0 || prefix.Length - settled.Length > MostUnsettled || !prefix.StartsWith(settled, StringComparison.Ordinal))
        {
            // No token spans a line break followed by a non-blank character, so the text can be split there.
            int line = LineStart(prefix, Math.Max(0, prefix.Length - LeastUnsettled));
            (settled, settledIds) = (prefix[..line], tokenizer.Encode(prefix[..line]));
        }
        if (request.Suffix != after)
            (after, afterIds) = (request.Suffix, tokenizer.Encode(request.Suffix[..WholeCharacters.Start(request.Suffix, Math.Min(request.Suffix.Length, MaxCharacters))]));
        return new NgramIndex([.. settledIds, .. tokenizer.Encode(prefix[settled.Length..])], afterIds);
    }

    /// <summary>The end of a long text; its start moves in large steps, so that it rarely changes.</summary>
    private static string Window(string text)
    {
        if (text.Length <= MaxCharacters) return text;
        int step = MaxCharacters / 4, skip = (text.Length - MaxCharacters + step - 1) / step * step;
        return text[WholeCharacters.Start(text, skip)..];
    }

    /// <summary>The last line start at or before an index whose line begins with neither whitespace nor a line break; 0: none.</summary>
    private static int LineStart(string text, int from)
    {
        for (int at = text.LastIndexOf('\n', Math.Max(0, from - 1)); at >= 0; at = at == 0 ? -1 : text.LastIndexOf('\n', at - 1))
            if (at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1])) return at + 1;
        return 0;
    }
}
