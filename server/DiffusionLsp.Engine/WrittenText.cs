using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>The text in a canvas up to the first gap, the end-of-text token or, for a single line, the end of the line.</summary>
/// <param name="Text">The text, without the healed part.</param>
/// <param name="Reason">Why it ends there.</param>
/// <param name="Tokens">Number of tokens in it.</param>
internal sealed record WrittenText(string Text, StopReason Reason, int Tokens)
{
    public static WrittenText Of(Canvas canvas, CodeTokenizer tokenizer, bool singleLine, Healing? healing)
    {
        ReadOnlySpan<int> ids = canvas.Ids[..canvas.Committed]; // text after a gap is not final yet
        SpecialTokens special = tokenizer.Special;
        int end = ids.IndexOfAny(special.EndOfText, special.TurnEnd ?? special.EndOfText);
        bool isCut = end < 0 && canvas.Committed < canvas.Length;
        int tokens = end < 0 ? ids.Length : end;
        string text = healing?.Rest(tokenizer, ids[..tokens]) ?? tokenizer.DecodeWhole(ids[..tokens]);
        if (singleLine && text.IndexOf('\n') is var line and >= 0) return new WrittenText(text[..line].TrimEnd('\r'), StopReason.EndOfLine, tokens);
        return new WrittenText(text, isCut ? StopReason.Budget : end < 0 ? StopReason.Length : StopReason.EndOfText, tokens);
    }
}
