namespace DiffusionLsp.Server.Completion;

/// <summary>
/// Cuts the text for the engine out of a document: whole lines around the cursor, line breaks as LF. The engine truncates
/// further to its token budget; this keeps it from tokenizing megabytes. It knows nothing of tokens.
/// </summary>
internal static class ContextWindow
{
    private const int LeastPrefix = 16_384; // characters
    private const int LongPrefix = 262_144;
    private const int CharactersPerToken = 4; // for a long prompt limit set by the user

    // The start moves in steps instead of with every line, so that the engine's K/V cache stays valid between keys.
    private const int Step = 4_096;

    /// <summary>Maximum number of characters before a cursor.</summary>
    /// <param name="promptTokens">The setting <c>promptTokens</c>.</param>
    public static int MostBefore(int promptTokens) => PrefixCharacters(promptTokens) + 2 * Step;

    /// <summary>The text before and after the cursor.</summary>
    public static (string Prefix, string Suffix) Cut(CompletionRequest request)
    {
        (string prefix, string suffix) = Cut(request.Document.Text, request.Offset, request.Offset, request.Settings.PromptTokens);
        return (prefix + request.Ahead, suffix);
    }

    /// <summary>Much more of the text before the cursor, for readers other than the model.</summary>
    public static string Before(CompletionRequest request) => Before(request.Document.Text, request.Offset) + request.Ahead;

    /// <summary>Much more of the text before a hole, for readers other than the model.</summary>
    public static string Before(string text, int start) => LineFeeds(text[PrefixStart(text, start, LongPrefix)..start]);

    /// <summary>The text before and after a hole.</summary>
    public static (string Prefix, string Suffix) Cut(string text, int start, int end, int promptTokens) =>
        (LineFeeds(text[PrefixStart(text, start, PrefixCharacters(promptTokens))..start]), LineFeeds(text[end..SuffixEnd(text, end, PrefixCharacters(promptTokens) / 2)]));

    /// <summary>Converts all line breaks to LF.</summary>
    public static string LineFeeds(string text) => text.Contains('\r') ? text.Replace("\r\n", "\n").Replace('\r', '\n') : text;

    private static int PrefixCharacters(int promptTokens) => Math.Max(LeastPrefix, promptTokens * CharactersPerToken);

    private static int PrefixStart(string text, int offset, int characters)
    {
        int cut = (offset - characters) / Step * Step;
        if (cut <= 0) return 0;
        int lineBreak = text.LastIndexOf('\n', cut, Step);
        return lineBreak >= 0 ? lineBreak + 1 : SafeCut(text, cut);
    }

    private static int SuffixEnd(string text, int offset, int characters)
    {
        if (text.Length - offset <= characters) return text.Length;
        int cut = offset + characters;
        int lineBreak = text.LastIndexOf('\n', cut - 1, characters);
        return lineBreak >= 0 ? lineBreak + 1 : SafeCut(text, cut);
    }

    /// <summary>Moves a cut out of the middle of a surrogate pair.</summary>
    private static int SafeCut(string text, int cut) => char.IsLowSurrogate(text[cut]) ? cut - 1 : cut;
}
