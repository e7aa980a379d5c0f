namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// The regular expressions that split text into pre-tokens, which no merge crosses. It knows nothing of vocabularies.
/// </summary>
internal static class PreTokenizerPattern
{
    /// <summary>
    /// DiffusionLsp's own pattern for code. In order: line breaks with the indentation that follows; a camelCase piece with at most one
    /// ASCII sign, space or tab before it; likewise an upper-case run; up to three digits; symbols; blanks before a blank; other
    /// whitespace. It covers every string completely. Letters outside the basic plane count as symbols: the embedded model was
    /// trained with .NET's UTF-16 units.
    /// </summary>
    public const string Code =
        @"(?:\r?\n)+[ \t]*" +
        @"|[\t\x20-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" +
        @"|[\t\x20-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+" +
        @"|\p{N}{1,3}" +
        @"| ?[^\s\p{L}\p{N}]+" +
        @"|[ \t]+(?!\S)" +
        @"|\s+";

    /// <summary>GPT-2's pattern, which a ByteLevel pre-tokenizer without a Split implies.</summary>
    public const string Gpt2 = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Qwen2's pattern, as published.</summary>
    public const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Whether a pattern applies to characters instead of UTF-16 units.</summary>
    public static bool CountsCharacters(string pattern) => pattern != Code;
}
