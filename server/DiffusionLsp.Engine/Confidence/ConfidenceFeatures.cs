namespace DiffusionLsp.Engine.Confidence;

/// <summary>The confidence network's input for a token: the decode's signals, the tokens before it, and its place in the document. Plain numbers, about −10 to 10.</summary>
internal static class ConfidenceFeatures
{
    /// <summary>Changes whenever the columns do; files of another version are rejected.</summary>
    public const int Version = 1;

    private const float Largest = 10;

    private static readonly string[] Languages = ["csharp", "typescript", "javascript", "python"];

    /// <summary>Names of the columns, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "logit", "log probability", "margin", "entropy", "entropy so far", "log probability so far", "least log probability so far",
        "cache weight", "cache share", "cache agrees", "cache disagrees", "drafted", "step",
        "first", "position", "healed", "length", "line of the completion",
        "starts a word", "goes on in a word", "digit", "opens", "closes", "quote", "separator", "operator", "white space",
        "single line", "at the start of a line", "behind a word", "behind a dot", "behind an opener", "behind a blank", "something right of the cursor", "log prompt",
        .. Languages, "other language",
    ];

    /// <summary>Number of columns.</summary>
    public static int Count => Names.Count;

    /// <summary>One row of <see cref="Count"/> numbers per token.</summary>
    public static float[][] Of(IReadOnlyList<WrittenToken> tokens, CompletionPlace place)
    {
        var rows = new float[tokens.Count][];
        float sum = 0, least = 0, entropy = 0;
        int line = 0;
        float[] where = Where(place); // the same for every token
        char before = place.LinePrefix.Length > 0 ? place.LinePrefix[^1] : '\n';
        for (int i = 0; i < rows.Length; i++)
        {
            WrittenToken token = tokens[i];
            TokenSignals s = token.Signals;
            float p = Math.Clamp(s.Probability, 1e-5f, 1 - 1e-5f), log = MathF.Log(p);
            (sum, least, entropy) = (sum + log, Math.Min(least, log), entropy + s.Entropy);
            bool knows = s.CacheWeight > 0;
            rows[i] =
            [
                Clipped(log - MathF.Log(1 - p)), Clipped(log), s.Margin, Clipped(s.Entropy), Clipped(entropy / (i + 1)), Clipped(sum), Clipped(least),
                s.CacheWeight, s.CacheShare, Flag(s.CacheAgrees), Flag(knows && s.CacheShare == 0), Flag(s.IsDrafted), MathF.Log(1 + s.Step),
                Flag(i == 0), MathF.Log(1 + i), Flag(i == 0 && place.IsHealed), Math.Min(token.Text.Length, 16) / 8f, MathF.Log(1 + line),
                .. Shape(token.Text, before), .. where,
            ];
            line += token.Text.Count(c => c == '\n');
            if (token.Text.Length > 0) before = token.Text[^1];
        }
        return rows;
    }

    private static float[] Shape(string text, char before)
    {
        string word = text.TrimStart(' ', '\t');
        char first = word.Length > 0 ? word[0] : ' ', last = word.Length > 0 ? word[^1] : ' ';
        bool isWord = IsWord(first), goesOn = isWord && word.Length == text.Length && IsWord(before);
        return
        [
            Flag(isWord && !goesOn && !char.IsDigit(first)), Flag(goesOn), Flag(char.IsDigit(first)), Flag(last is '(' or '[' or '{'), Flag(first is ')' or ']' or '}'),
            Flag(first is '"' or '\'' or '`'), Flag(first is ',' or ';' or '.' or ':'), Flag(!isWord && "+-*/%=<>!&|^~?@#\\".Contains(first)), Flag(string.IsNullOrWhiteSpace(text)),
        ];
    }

    private static float[] Where(CompletionPlace place)
    {
        string line = place.LinePrefix;
        char last = line.Length > 0 ? line[^1] : '\n';
        int language = Array.IndexOf(Languages, place.Language switch { "typescriptreact" => "typescript", "javascriptreact" => "javascript", var other => other });
        return
        [
            Flag(place.SingleLine), Flag(string.IsNullOrWhiteSpace(line)), Flag(IsWord(last)), Flag(last == '.'), Flag(last is '(' or '[' or '{'), Flag(last == ' ' && !string.IsNullOrWhiteSpace(line)),
            Flag(!string.IsNullOrWhiteSpace(place.RestOfLine)), MathF.Log(1 + place.PromptTokens), .. Enumerable.Range(0, Languages.Length).Select(i => Flag(i == language)), Flag(language < 0),
        ];
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static float Flag(bool value) => value ? 1 : 0;

    private static float Clipped(float value) => Math.Clamp(value, -Largest, Largest);
}
