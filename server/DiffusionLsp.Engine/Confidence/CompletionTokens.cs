using System.Text;
using DiffusionLsp.Engine.Decoding;
using DiffusionLsp.Engine.Tokenization;

namespace DiffusionLsp.Engine.Confidence;

/// <summary>Which part of a completion each token wrote.</summary>
internal static class CompletionTokens
{
    /// <summary>The tokens of a text, in order; those behind its end are left out.</summary>
    /// <param name="text">What was written, without what was healed.</param>
    /// <param name="skip">Bytes of the first token that stand in the document already.</param>
    public static IReadOnlyList<WrittenToken> Of(Canvas canvas, CodeTokenizer tokenizer, string text, int skip, SignalRecorder signals)
    {
        var tokens = new List<WrittenToken>();
        int bytes = 0, end = 0;
        Decoder decoder = Encoding.UTF8.GetDecoder(); // holds back what is no whole character yet
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
