using System.Text;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Prompts;

/// <summary>
/// Undoes the cut that a cursor makes through a token. Tokenized alone, "retu" ends in tokens that the model never saw before
/// "rn"; so the last token goes back, and the first one written must begin with its bytes. It knows no model.
/// </summary>
internal sealed class TokenHealing(CodeTokenizer tokenizer)
{
    private readonly TokenPrefixes tokens = new(tokenizer);

    // In "x  x" the last blank begins the word's token.
    private readonly bool wordsTakeBlank = tokenizer.Encode("x  x") is [_, var blank, _] && tokenizer.BytesOf(blank).Length == 1;

    /// <summary>The indentation that a cursor cuts, which is asked for before anything is healed.</summary>
    public LineIndent Indent => field ??= new LineIndent(tokenizer, tokens);

    /// <summary>The token to heal; null: none, because the last token is no text, ends a line, begins inside a character, or begins no longer token.</summary>
    /// <param name="prefix">Text up to the cursor.</param>
    /// <param name="prompt">Its tokens, behind whatever stands before them; at least one stays.</param>
    public Healing? Plan(string prefix, ReadOnlySpan<int> prompt)
    {
        if (prompt.Length < 2) return null;
        byte[] required = tokenizer.BytesOf(prompt[^1]).ToArray();
        if (required.Length == 0 || required.Contains((byte)'\n') || (required[0] & 0xC0) == 0x80) return null;
        // Before an empty prefix the prompt may end in the text of another file, which stays as it is.
        if (!prefix.EndsWith(Encoding.UTF8.GetString(required), StringComparison.Ordinal)) return null;
        int[] kept = [];
        // Of several blanks only the last one is the word's; no word's token begins with all of them.
        if (IsSeveralBlanks(required, prefix) && tokens.BeginningWith(required.AsSpan(0, required.Length - 1)) is [var shorter, ..] && tokenizer.BytesOf(shorter).Length == required.Length - 1)
            (kept, required) = ([shorter], required[^1..]);
        int[] allowed = tokens.BeginningWith(required);
        return allowed.Length > 1 ? new Healing(required, allowed) { Kept = kept } : null;
    }

    /// <summary>Whether the token is blanks of which a word's token would begin with the last one.</summary>
    private bool IsSeveralBlanks(byte[] token, ReadOnlySpan<char> prefix) =>
        token.Length > 1 && wordsTakeBlank && token.AsSpan().IndexOfAnyExcept((byte)' ', (byte)'\t') < 0 && !(Indent.JoinsBreak && prefix.TrimEnd(" \t").EndsWith('\n'));
}

/// <summary>A healed token.</summary>
/// <param name="Required">Its bytes: they are in the document already.</param>
/// <param name="Allowed">Tokens that may stand in its place.</param>
internal sealed record Healing(byte[] Required, int[] Allowed)
{
    /// <summary>Tokens that replace the healed one, up to the required bytes.</summary>
    public int[] Kept { get; init; } = [];

    /// <summary>The bytes as text.</summary>
    public string Text { get; } = Encoding.UTF8.GetString(Required);

    /// <summary>The text of what was written, as far as it is whole characters, without what is in the document already.</summary>
    public string Rest(CodeTokenizer tokenizer, ReadOnlySpan<int> ids) => tokenizer.DecodeWhole(ids, Required.Length);
}
