using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Prompts;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine;

/// <summary>What stands in a canvas as text: up to the first gap, the end, or the line's end where one line is asked for.</summary>
/// <param name="Text">Without what was healed.</param>
/// <param name="Reason">Why it ends there.</param>
/// <param name="Tokens">How many tokens it has.</param>
internal sealed record WrittenText(string Text, StopReason Reason, int Tokens)
{
    public static WrittenText Of(Canvas canvas, CodeTokenizer tokenizer, bool singleLine, Healing? healing)
    {
        ReadOnlySpan<int> ids = canvas.Ids[..canvas.Committed]; // what stands behind a gap is not text yet
        SpecialTokens special = tokenizer.Special;
        int end = ids.IndexOfAny(special.EndOfText, special.TurnEnd ?? special.EndOfText);
        bool isCut = end < 0 && canvas.Committed < canvas.Length;
        int tokens = end < 0 ? ids.Length : end;
        string text = healing?.Rest(tokenizer, ids[..tokens]) ?? tokenizer.DecodeWhole(ids[..tokens]);
        if (singleLine && text.IndexOf('\n') is var line and >= 0) return new WrittenText(text[..line].TrimEnd('\r'), StopReason.EndOfLine, tokens);
        return new WrittenText(text, isCut ? StopReason.Budget : end < 0 ? StopReason.Length : StopReason.EndOfText, tokens);
    }
}
