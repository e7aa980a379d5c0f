using System.Text.RegularExpressions;

namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Cuts text into the pieces that no merge crosses, as a tokenizer's published pattern does, character by character also
/// outside the basic plane. It knows no vocabulary.
/// </summary>
internal sealed class PreTokenizer(string pattern)
{
    private readonly Regex regex = PreTokenizerPattern.ToRegex(pattern);
    private readonly bool countsCharacters = PreTokenizerPattern.CountsCharacters(pattern);

    /// <summary>The pattern as .NET understands it.</summary>
    public Regex Regex => regex;

    /// <summary>Start and length of every piece, in UTF-16 units; together they are the text.</summary>
    /// <param name="text">Without lone surrogates.</param>
    public List<(int Start, int Length)> Cut(string text)
    {
        (string Shadow, int[] Starts)? astral = countsCharacters ? AstralText.Shadow(text) : null;
        var pieces = new List<(int, int)>(text.Length / 4 + 4);
        int end = 0;
        foreach (ValueMatch match in regex.EnumerateMatches(astral?.Shadow ?? text))
        {
            int start = At(match.Index), next = At(match.Index + match.Length);
            if (next == start) continue;
            // A foreign pattern may leave gaps; they are pieces too.
            if (start > end) pieces.Add((end, start - end));
            pieces.Add((start, next - start));
            end = next;
        }
        if (end < text.Length) pieces.Add((end, text.Length - end));
        return pieces;

        int At(int character) => astral is { } a ? a.Starts[character] : character;
    }
}
