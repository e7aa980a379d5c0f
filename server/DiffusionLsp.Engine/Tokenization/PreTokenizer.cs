namespace DiffusionLsp.Engine.Tokenization;

/// <summary>
/// Splits text into the pieces that no merge crosses, as a tokenizer's published pattern does, by characters even outside the basic
/// plane, in linear time. It knows no vocabulary.
/// </summary>
/// <param name="pattern">One that <see cref="PieceMatcher.Of"/> accepts.</param>
internal sealed class PreTokenizer(string pattern)
{
    private readonly PieceMatcher matcher = PieceMatcher.Of(pattern);
    private readonly bool countsCharacters = PreTokenizerPattern.CountsCharacters(pattern);

    /// <summary>Start and length of every piece in UTF-16 units; concatenated they are the text.</summary>
    /// <param name="text">Without lone surrogates.</param>
    public List<(int Start, int Length)> Cut(string text)
    {
        (string Shadow, int[] Starts)? astral = countsCharacters ? AstralText.Shadow(text) : null;
        string seen = astral?.Shadow ?? text;
        var pieces = new List<(int, int)>(text.Length / 4 + 4);
        int gap = 0; // some patterns leave gaps, which become pieces too
        for (int at = 0; at < seen.Length;)
        {
            int length = matcher.Match(seen, at);
            if (length > 0)
            {
                if (gap < at) Add(gap, at);
                Add(at, at + length);
                gap = at + length;
            }
            at += Math.Max(1, length);
        }
        if (gap < seen.Length) Add(gap, seen.Length);
        return pieces;

        void Add(int from, int to)
        {
            (int start, int end) = astral is { } a ? (a.Starts[from], a.Starts[to]) : (from, to);
            pieces.Add((start, end - start));
        }
    }
}
