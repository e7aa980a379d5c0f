using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace DiffusionLsp.Engine.Tests.Tokenization;

/// <summary>Any valid Unicode text, rich in what breaks tokenizers. It never contains a lone surrogate.</summary>
/// <param name="Value">The text.</param>
public sealed record UnicodeText(string Value);

/// <summary>The generator behind <see cref="UnicodeText"/>, for FsCheck's <c>Arbitrary</c> argument.</summary>
public static class UnicodeTextArbitrary
{
    private static readonly string[] Pieces =
    [
        "\r\n", "\n", "\r", "\t", " ", "    ", "\0", "\u00A0", "\u2028", "\u0085", "\uFEFF", "\uFFFD", "\uFFFF", "e\u0301", "ẞ", "ǅ", "中文",
        "👩‍👩‍👧", "𝐀", "\U0010FFFF", "٣", "½", "²", "camelCase", "HTTPServer2", "snake_case", "=>", "!==", "// ", "1234567", "<|mask|>", "<|endoftext|>", "return x;",
    ];

    /// <summary>Pieces from the list mixed with random scalars, sometimes long.</summary>
    public static Arbitrary<UnicodeText> UnicodeText()
    {
        Gen<string> scalar = Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0, 0x2FF), Gen.Choose(0, 0xFFFF), Gen.Choose(0, 0x10FFFF))
            .Where(Rune.IsValid)
            .Select(value => new Rune(value).ToString());
        Gen<string> piece = Gen.OneOf(Gen.Elements(Pieces), scalar);
        Gen<string> text = piece.ListOf().Select(string.Concat);
        return Arb.From(text.Select(value => new UnicodeText(value)), Shrink);
    }

    private static IEnumerable<UnicodeText> Shrink(UnicodeText text)
    {
        string[] runes = [.. text.Value.EnumerateRunes().Select(rune => rune.ToString())];
        for (int i = 0; i < runes.Length; i++)
            yield return new UnicodeText(string.Concat(runes.Where((_, index) => index != i)));
    }
}
