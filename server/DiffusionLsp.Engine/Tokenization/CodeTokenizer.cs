using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Lossless conversion between text and token ids with byte-level BPE. It knows tokenizer files but nothing of models, prompts or
/// documents. Thread-safe.
/// </summary>
public sealed class CodeTokenizer
{
    /// <summary>The word cache is cleared when it reaches this size.</summary>
    internal const int MostRememberedWords = 1 << 16;

    private const int LongestRememberedWord = 48;

    /// <summary>
    /// Longer words are split, because <see cref="BpeTokenizer"/> takes quadratic time (measured: 1.2 s for 100,000 times "a", two
    /// minutes for a million). Only such words may get other ids than from Hugging Face's tokenizer.
    /// </summary>
    private const int LongestWord = 1024;

    private readonly BpeTokenizer merger;
    private readonly PreTokenizer preTokenizer;
    private readonly IReadOnlyDictionary<string, int>? wholeWords; // tokens that bypass the merges
    private readonly byte[][] bytes;
    private readonly ConcurrentDictionary<string, int[]> words = new(StringComparer.Ordinal);
    private int wordCount;

    private CodeTokenizer(TokenizerFile file, SpecialTokens special)
    {
        Special = special;
        Fingerprint = file.Fingerprint;
        preTokenizer = new PreTokenizer(file.Pattern);
        wholeWords = file.IgnoreMerges ? file.Vocabulary : null;
        // The special tokens are left out, so that text such as "<|mask|>" in source code stays text.
        merger = BpeTokenizer.Create(new BpeOptions(file.Vocabulary)
        {
            Merges = file.Merges.Select(merge => merge.Left + " " + merge.Right),
            PreTokenizer = Microsoft.ML.Tokenizers.PreTokenizer.CreateWordOrNonWord(), // never used: words arrive already split
            ByteLevel = true,
        });
        // Ids that models reserve without a token are never text either.
        bytes = new byte[file.Vocabulary.Values.Concat(file.AddedTokens.Values).Max() + 1][];
        Array.Fill(bytes, []);
        foreach ((string token, int id) in file.Vocabulary) bytes[id] = ByteAlphabet.Unspell(token)!;
    }

    /// <summary>Number of ids, including special and reserved ones; ids start at 0.</summary>
    public int VocabularySize => bytes.Length;

    /// <summary>Ids of the special tokens.</summary>
    public SpecialTokens Special { get; }

    /// <summary>SHA-256 of tokenizer.json in lower-case hexadecimal, by which token files and models name the tokenizer they belong to.</summary>
    public string Fingerprint { get; }

    /// <summary>Number of cached words.</summary>
    internal int RememberedWords => words.Count;

    /// <summary>Reads <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c>, from a model's folder.</summary>
    /// <param name="roles">The special tokens' spellings; null: any known spelling.</param>
    /// <exception cref="EngineException">The file is missing, damaged or unsupported; the message names cause and cure.</exception>
    public static CodeTokenizer Load(string modelFolder, TokenRoles? roles = null) => Create(TokenizerFile.ReadFolder(modelFolder), roles ?? TokenRoles.Any);

    internal static CodeTokenizer Create(TokenizerFile file, TokenRoles roles) => new(file, SpecialTokens.Find(roles, file.AddedTokens, file.Path));

    /// <summary>
    /// Token ids of a text. <see cref="Decode"/> restores the text exactly, except that a lone surrogate (half of a UTF-16 pair,
    /// which UTF-8 cannot encode) becomes U+FFFD. The result never contains special tokens.
    /// </summary>
    public int[] Encode(string text)
    {
        text = WithoutLoneSurrogates(text);
        List<int> ids = new(text.Length / 3 + 4);
        foreach ((int start, int length) in preTokenizer.Cut(text)) AppendWord(text.AsSpan(start, length), ids);
        return [.. ids];
    }

    /// <summary>The text of token ids, without special tokens. Invalid UTF-8 becomes U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString(Bytes(ids));

    /// <summary>Like <see cref="Decode"/>, but only up to the first byte that is not part of a whole character: generated text may end, or break, inside one.</summary>
    /// <param name="skip">Leading bytes to leave out.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    public string DecodeWhole(ReadOnlySpan<int> ids, int skip = 0)
    {
        ReadOnlySpan<byte> text = Bytes(ids);
        return WholeCharacters.Of(text[Math.Min(skip, text.Length)..]);
    }

    private ReadOnlySpan<byte> Bytes(ReadOnlySpan<int> ids)
    {
        ArrayBufferWriter<byte> writer = new(ids.Length * 4 + 1);
        foreach (int id in ids) writer.Write(BytesOf(id));
        return writer.WrittenSpan;
    }

    /// <summary>The raw bytes of one token, which may end inside a character; empty for a special token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public ReadOnlySpan<byte> BytesOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, bytes.Length);
        return bytes[id];
    }

    private void AppendWord(ReadOnlySpan<char> word, List<int> ids)
    {
        while (word.Length > LongestWord)
        {
            // Half of a surrogate pair cannot be encoded.
            int cut = char.IsHighSurrogate(word[LongestWord - 1]) ? LongestWord - 1 : LongestWord;
            AppendShortWord(word[..cut], ids);
            word = word[cut..];
        }
        AppendShortWord(word, ids);
    }

    /// <summary>Words recur in code, so merged words are cached (20 MB/s without the cache, 30 to 60 with it).</summary>
    private void AppendShortWord(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > LongestRememberedWord)
        {
            ids.AddRange(Merge(word));
            return;
        }
        if (!words.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out int[]? known))
        {
            known = [.. Merge(word)];
            Remember(word.ToString(), known);
        }
        ids.AddRange(known.AsSpan());
    }

    private IReadOnlyList<int> Merge(ReadOnlySpan<char> word)
    {
        if (wholeWords is not null && wholeWords.TryGetValue(ByteAlphabet.Spell(Encoding.UTF8.GetBytes(word.ToString())), out int id)) return [id];
        return merger.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false);
    }

    private void Remember(string word, int[] ids)
    {
        if (Interlocked.Increment(ref wordCount) > MostRememberedWords)
        {
            words.Clear();
            Interlocked.Exchange(ref wordCount, 1);
        }
        words[word] = ids;
    }

    private static string WithoutLoneSurrogates(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0) return text;
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) clean.Append(rune.ToString()); // EnumerateRunes yields U+FFFD for a lone half
        return clean.ToString();
    }
}
