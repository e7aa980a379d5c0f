using System.Text;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// Token healing: tokenized alone, "retu" ends in tokens that the model never saw before "rn", so the partial last token is removed and
/// regenerated, and the first generated token must begin with its bytes. It knows no model.
/// </summary>
internal sealed class TokenHealing(CodeTokenizer tokenizer)
{
    private readonly TokenPrefixes tokens = new(tokenizer);

    // In "x  x" the last blank belongs to the word's token.
    private readonly bool wordsTakeBlank = tokenizer.Encode("x  x") is [_, var blank, _] && tokenizer.BytesOf(blank).Length == 1;

    /// <summary>Handles indentation that the cursor splits, which is completed before any healing.</summary>
    public LineIndent Indent => field ??= new LineIndent(tokenizer, tokens);

    /// <summary>The token to heal; null: none, because the last token is not text, ends a line, begins inside a character, or is not a proper prefix of another token.</summary>
    /// <param name="prefix">Text up to the cursor.</param>
    /// <param name="prompt">The whole prompt, ending in the prefix's tokens.</param>
    public Healing? Plan(string prefix, ReadOnlySpan<int> prompt)
    {
        if (prompt.Length < 2) return null;
        byte[] required = tokenizer.BytesOf(prompt[^1]).ToArray();
        if (required.Length == 0 || required.Contains((byte)'\n') || (required[0] & 0xC0) == 0x80) return null;
        // Before an empty prefix the prompt may end in another file's text, which stays as it is.
        if (!prefix.EndsWith(Encoding.UTF8.GetString(required), StringComparison.Ordinal)) return null;
        int[] kept = [];
        // Of several blanks only the last belongs to the word's token; no word's token begins with all of them.
        if (IsSeveralBlanks(required, prefix) && tokens.BeginningWith(required.AsSpan(0, required.Length - 1)) is [var shorter, ..] && tokenizer.BytesOf(shorter).Length == required.Length - 1)
            (kept, required) = ([shorter], required[^1..]);
        int[] allowed = tokens.BeginningWith(required);
        return allowed.Length > 1 ? new Healing(required, allowed) { Kept = kept } : null;
    }

    /// <summary>Whether the token consists of several blanks, of which the last would begin a word's token.</summary>
    private bool IsSeveralBlanks(byte[] token, ReadOnlySpan<char> prefix) =>
        token.Length > 1 && wordsTakeBlank && token.AsSpan().IndexOfAnyExcept((byte)' ', (byte)'\t') < 0 && !(Indent.JoinsBreak && prefix.TrimEnd(" \t").EndsWith('\n'));
}

/// <summary>A healed token.</summary>
/// <param name="Required">Its bytes, which are already in the document.</param>
/// <param name="Allowed">Ids of the tokens allowed in its place.</param>
internal sealed record Healing(byte[] Required, int[] Allowed)
{
    /// <summary>Ids that stand for the part of the healed token before the required bytes.</summary>
    public int[] Kept { get; init; } = [];

    /// <summary>The bytes as text.</summary>
    public string Text { get; } = Encoding.UTF8.GetString(Required);

    /// <summary>The generated text up to its last whole character, without what is already in the document.</summary>
    public string Rest(CodeTokenizer tokenizer, ReadOnlySpan<int> ids) => tokenizer.DecodeWhole(ids, Required.Length);
}
