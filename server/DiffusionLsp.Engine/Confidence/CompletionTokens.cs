using System.Text;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Confidence;

/// <summary>Maps each token of a completion to the text it produced.</summary>
internal static class CompletionTokens
{
    /// <summary>The tokens of a text in order, without those after its end.</summary>
    /// <param name="text">The completion, without the healed part.</param>
    /// <param name="skip">Leading bytes that are already in the document (token healing).</param>
    public static IReadOnlyList<WrittenToken> Of(Canvas canvas, CodeTokenizer tokenizer, string text, int skip, SignalRecorder signals)
    {
        var tokens = new List<WrittenToken>();
        int bytes = 0, end = 0;
        Decoder decoder = Encoding.UTF8.GetDecoder(); // holds incomplete characters back
        Span<char> characters = stackalloc char[512];
        for (int position = 0; position < canvas.Committed; position++)
        {
            if (end >= text.Length || signals.Of(position) is not { } known) break;
            ReadOnlySpan<byte> whole = tokenizer.BytesOf(canvas.Ids[position]), own = whole[Math.Clamp(skip - bytes, 0, whole.Length)..];
            bytes += whole.Length;
            if (own.Length > characters.Length) break;
            int count = Math.Min(decoder.GetChars(own, characters, flush: false), text.Length - end);
            if (count == 0 && own.Length == 0 && tokens.Count > 0) continue;
            end += count;
            tokens.Add(new WrittenToken(new string(characters[..count]), end, known));
        }
        return tokens;
    }
}
